/**
 * Sends for many flows at an even pace: the k-th of n flows is due k/n of a period after the first. What the clock made late is
 * made up for, so numbers are times: a number times the period is when it was due.
 */
const shortestTickMs = 1;
const longestTickMs = 20;
/** A process that stood still does not send all that it owes at once: no queue on the way would hold it. */
const mostATick = 50;

export class Pacer {
  readonly #timer: NodeJS.Timeout;

  constructor(pace: { readonly everyMs: number; readonly flows: number }, send: (flow: number) => void) {
    const gapMs = pace.everyMs / pace.flows;
    const begunAt = performance.now();
    let done = 0;
    const tick = () => {
      const due = Math.min(Math.floor((performance.now() - begunAt) / gapMs), done + mostATick);
      for (; done < due; done += 1) send(done % pace.flows);
    };
    this.#timer = setInterval(tick, Math.min(longestTickMs, Math.max(shortestTickMs, gapMs)));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
