/** What was found to be no longer as it was made, by placement: written by who looks, read by who puts the sight together. */
import { createEmitter } from "@weft/runtime";
import type { Signal } from "@weft/runtime";

export interface Drift {
  /** Something that can be set again in place. */
  readonly wiring?: string;
  /** An interface is not where it belongs: links must be made anew. */
  readonly detached?: string;
  /** A line of the function's configuration. */
  readonly config?: string;
}

export class Drifts {
  readonly #found = new Map<string, Drift>();
  readonly #changed = createEmitter();

  get changed(): Signal {
    return this.#changed;
  }

  of(uid: string): Drift {
    return this.#found.get(uid) ?? {};
  }

  note(uid: string, drift: Drift): void {
    const before = this.of(uid);
    if (Object.keys(drift).length === 0) this.#found.delete(uid);
    else this.#found.set(uid, drift);
    if (JSON.stringify(before) !== JSON.stringify(drift)) this.#changed.emit();
  }

  forget(uid: string): void {
    this.#found.delete(uid);
  }
}
