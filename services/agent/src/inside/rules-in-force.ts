/**
 * The lines that a function's tool printed of each shard's configuration just after it was loaded: what must still be there.
 * Kept in files, since rules outlive the agent; without one (an older agent loaded them) the first look counts.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

export class RulesInForce {
  readonly #folder: string;
  readonly #known = new Map<string, readonly string[]>();

  constructor(stateDir: string) {
    this.#folder = path.join(stateDir, "rules");
    mkdirSync(this.#folder, { recursive: true });
  }

  get(uid: string): readonly string[] | undefined {
    const known = this.#known.get(uid);
    if (known !== undefined) return known;
    try {
      const lines = readFileSync(this.#file(uid), "utf8").split("\n");
      this.#known.set(uid, lines);
      return lines;
    } catch {
      return undefined;
    }
  }

  keep(uid: string, lines: readonly string[]): void {
    this.#known.set(uid, lines);
    const file = this.#file(uid);
    writeFileSync(`${file}.new`, lines.join("\n"));
    renameSync(`${file}.new`, file);
  }

  forget(uid: string): void {
    this.#known.delete(uid);
    rmSync(this.#file(uid), { force: true });
  }

  #file(uid: string): string {
    return path.join(this.#folder, createHash("sha256").update(uid).digest("hex").slice(0, 10));
  }
}
