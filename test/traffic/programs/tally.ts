/** What one group of flows came to so far, in the words of its report. Counting is all it does. */
import type { Breakage, GroupReport } from "./orders.ts";

const breakagesKept = 20;
/** Upper ends in milliseconds. */
const outageClasses = [10, 50, 100, 300, 1_000, 3_000];

export class Tally {
  opened = 0;
  notOpened = 0;
  broken = 0;
  wrong = 0;
  doubled = 0;
  reordered = 0;
  window = 0;
  readonly #sent: number[] = [];
  readonly #received: number[] = [];
  readonly #worstGapMs: number[] = [];
  readonly #breakages: Breakage[] = [];

  sentOne(window = this.window): void {
    this.#sent[window] = (this.#sent[window] ?? 0) + 1;
  }

  receivedOne(window = this.window): void {
    this.#received[window] = (this.#received[window] ?? 0) + 1;
  }

  gap(ms: number, window = this.window): void {
    this.#worstGapMs[window] = Math.max(this.#worstGapMs[window] ?? 0, ms);
  }

  failedToOpen(reason: string, from: string): void {
    this.notOpened += 1;
    this.#note(`did not open: ${reason}`, from);
  }

  broke(reason: string, from: string): void {
    this.broken += 1;
    this.#note(reason, from);
  }

  report(group: string, kind: GroupReport["kind"], outagesMs: readonly number[] = []): GroupReport {
    return {
      group,
      kind,
      opened: this.opened,
      notOpened: this.notOpened,
      broken: this.broken,
      breakages: this.#breakages,
      wrong: this.wrong,
      sent: filled(this.#sent),
      received: filled(this.#received),
      doubled: this.doubled,
      reordered: this.reordered,
      worstGapMs: filled(this.#worstGapMs).map((ms) => Math.round(ms)),
      outages: histogram(outagesMs),
    };
  }

  #note(reason: string, from: string): void {
    if (this.#breakages.length < breakagesKept)
      this.#breakages.push({ reason, window: this.window, at: Date.now(), from });
  }
}

/** A window in which nothing came left a hole. */
function filled(values: readonly number[]): number[] {
  return Array.from(values, (value) => value ?? 0);
}

function histogram(durationsMs: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const ms of durationsMs) {
    const end = outageClasses.find((upTo) => ms <= upTo);
    const name = end === undefined ? `> ${outageClasses.at(-1)} ms` : `≤ ${end} ms`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
