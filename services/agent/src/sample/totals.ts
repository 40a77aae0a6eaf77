/**
 * Totals that never fall while their placement lives, made of kernel counters that begin at zero with every new link and
 * process. A counter that is less than it was is a new one: what the old one had counted stands beside it from then on.
 * Reads and writes one file, so that a restarted agent goes on from there; `keep` writes it.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";

const Part = z.object({ before: z.number(), last: z.number() });
type Part = z.infer<typeof Part>;
/** By the placement's uid, then by the counter's name. */
const Kept = z.record(z.string(), z.record(z.string(), Part));
type Kept = z.infer<typeof Kept>;

export class Totals {
  readonly #file: string;
  readonly #kept: Map<string, Record<string, Part>>;
  #changed = false;

  constructor(file: string) {
    this.#file = file;
    this.#kept = new Map(Object.entries(readKept(file)));
  }

  total(uid: string, counter: string, raw: number): number {
    const parts = this.#kept.get(uid) ?? {};
    this.#kept.set(uid, parts);
    const { before, last } = parts[counter] ?? { before: 0, last: 0 };
    const next = raw < last ? { before: before + last, last: raw } : { before, last: raw };
    parts[counter] = next;
    this.#changed ||= raw !== last;
    return next.before + raw;
  }

  /** Forgets all others: their placements are gone. */
  retain(uids: ReadonlySet<string>): void {
    for (const uid of this.#kept.keys())
      if (!uids.has(uid)) this.#changed = this.#kept.delete(uid) || this.#changed;
  }

  /** Whole and by renaming; does nothing when nothing changed. */
  keep(): void {
    if (!this.#changed) return;
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#kept)));
    renameSync(`${this.#file}.new`, this.#file);
    this.#changed = false;
  }
}

function readKept(file: string): Kept {
  try {
    return Kept.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {}; // none yet, or cut off by a crash before it was renamed into place
  }
}
