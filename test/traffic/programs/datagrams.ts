/**
 * Which numbers of one flow of datagrams came, and what that says: doubled, reordered, and the runs that never came, as time.
 * Numbers are sent at an even pace, so a run of lost ones lasted that many periods.
 */
import type { Tally } from "./tally.ts";

export class Numbers {
  #seen = new Uint8Array(1_024);
  #highest = 0;
  #first = 0;

  /** Notes one that came, sent in that window. */
  take(sequence: number, window: number, tally: Tally): void {
    this.#reach(sequence);
    if (this.#first === 0) this.#first = sequence;
    if (this.#seen[sequence] === 1) {
      tally.doubled += 1;
      return;
    }
    this.#seen[sequence] = 1;
    if (sequence < this.#highest) tally.reordered += 1;
    this.#highest = Math.max(this.#highest, sequence);
    tally.receivedOne(window);
  }

  /** Lengths of the runs of numbers that never came, from the first that did up to `end` (or the last that did). */
  lostRuns(end = this.#highest): number[] {
    const runs: number[] = [];
    let run = 0;
    for (let sequence = Math.max(1, this.#first); sequence <= end + 1; sequence += 1) {
      const lost = sequence <= end && this.#seen[sequence] !== 1;
      if (lost) run += 1;
      else if (run > 0) {
        runs.push(run);
        run = 0;
      }
    }
    return runs;
  }

  #reach(sequence: number): void {
    if (sequence < this.#seen.length) return;
    const longer = new Uint8Array(Math.max(sequence + 1, this.#seen.length * 2));
    longer.set(this.#seen);
    this.#seen = longer;
  }
}
