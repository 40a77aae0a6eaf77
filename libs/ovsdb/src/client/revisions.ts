/**
 * Counts the changes of something that others follow later, and tells who waits for a change that it is followed.
 * Keeps promises, settles them in order.
 * What is changed, and how it is followed, is left to monitor.ts.
 */
import type { Deferred } from "./deferred.ts";
import { deferred } from "./deferred.ts";

interface Waiting {
  readonly revision: number;
  readonly settled: Deferred<void>;
}

export class Revisions {
  #current = 0;
  #waiting: readonly Waiting[] = [];

  get current(): number {
    return this.#current;
  }

  /** Counts up; the promise settles with that revision. */
  next(): Promise<void> {
    this.#current += 1;
    const settled = deferred<void>();
    this.#waiting = [...this.#waiting, { revision: this.#current, settled }];
    return settled.promise;
  }

  /** This revision and all before it are followed, or never will be. */
  settle(revision: number, error?: unknown): void {
    const reached = this.#waiting.filter((waiting) => waiting.revision <= revision);
    this.#waiting = this.#waiting.filter((waiting) => waiting.revision > revision);
    reached.forEach(({ settled }) => (error === undefined ? settled.resolve() : settled.reject(error)));
  }
}
