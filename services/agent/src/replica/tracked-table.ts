/** What one shard tracks, put together from events and listings, and what of it its peers have not been told yet. Reads text alone. */
import type { TrackedMarks } from "@weft/functions";
import type { Flow, TrackedFlow } from "@weft/schemas";
import { seenIn } from "./conntrack-text.ts";
import type { Seen } from "./conntrack-text.ts";

export interface Changes {
  readonly come: TrackedFlow[];
  readonly gone: Flow[];
}

export class TrackedTable {
  readonly #marks: TrackedMarks;
  readonly #flows = new Map<string, TrackedFlow>();
  /** Peers know of these something else, or nothing; undefined: it is gone. */
  readonly #untold = new Map<string, { readonly flow: Flow; readonly tracked: TrackedFlow | undefined }>();
  /** Of whom an event has told since a listing was asked for: that is newer. */
  #told: Set<string> | undefined;

  constructor(marks: TrackedMarks) {
    this.#marks = marks;
  }

  get size(): number {
    return this.#flows.size;
  }

  /** A line that an event printed. True if peers are to be told of something. */
  event(line: string): boolean {
    const seen = seenIn(line, this.#marks);
    if (seen === undefined) return false;
    this.#told?.add(seen.key);
    this.#is(seen);
    return this.#untold.size > 0;
  }

  /** Before a listing is asked for. */
  listing(): void {
    this.#told = new Set();
  }

  /** All that there was when it was made; what events told since then counts more. */
  listed(text: string): void {
    const told = this.#told ?? new Set();
    this.#told = undefined;
    const there = new Set<string>();
    for (const line of text.split("\n")) {
      const seen = seenIn(line, this.#marks);
      if (seen === undefined || told.has(seen.key)) continue;
      there.add(seen.key);
      this.#is(seen);
    }
    for (const key of this.#flows.keys())
      if (!there.has(key) && !told.has(key)) this.#is({ key, tracked: undefined });
  }

  /** What peers have to be told; they are taken to know it from now on. */
  untold(): Changes {
    const changes = [...this.#untold.values()];
    this.#untold.clear();
    return {
      come: changes.flatMap(({ tracked }) => tracked ?? []),
      gone: changes.flatMap(({ flow, tracked }) => (tracked === undefined ? [flow] : [])),
    };
  }

  /** All of it, likewise. */
  whole(): TrackedFlow[] {
    this.#untold.clear();
    return [...this.#flows.values()];
  }

  #is({ key, tracked }: Seen): void {
    const before = this.#flows.get(key);
    if (before?.state === tracked?.state) return;
    if (tracked === undefined) this.#flows.delete(key);
    else this.#flows.set(key, tracked);
    const flow = (tracked ?? before)?.flow;
    if (flow !== undefined) this.#untold.set(key, { flow, tracked });
  }
}
