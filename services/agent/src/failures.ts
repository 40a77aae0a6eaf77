/** What went wrong for each placement, and when it is tried again: longer after each time, at once when it is changed. */
import type { Failure } from "@weft/decide";
import type { Clock } from "@weft/runtime";
import { WeftError } from "@weft/schemas";

const firstPauseMs = 500;
const longestPauseMs = 30_000;

interface Entry extends Failure {
  readonly times: number;
  readonly revision: number;
}

export class Failures {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(uid: string, revision: number, cause: unknown): void {
    const before = this.#entries.get(uid);
    const times = before?.revision === revision ? before.times + 1 : 1;
    const pauseMs = Math.min(firstPauseMs * 2 ** (times - 1), longestPauseMs);
    const code = cause instanceof WeftError ? cause.code : "internal";
    const message = messageOf(cause);
    this.#entries.set(uid, { code, message, retryAtMs: this.#clock.now() + pauseMs, times, revision });
  }

  clear(uid: string): void {
    this.#entries.delete(uid);
  }

  /** Of the placements as they are now: a changed one is tried without delay. */
  current(revisions: ReadonlyMap<string, number>): Map<string, Failure> {
    const found = new Map<string, Failure>();
    const nowMs = this.#clock.now();
    // Further off than any pause: the clock was set back.
    const due = (retryAtMs: number) => (retryAtMs - nowMs > longestPauseMs ? nowMs : retryAtMs);
    for (const [uid, { code, message, retryAtMs, revision }] of this.#entries)
      if (revisions.get(uid) === revision) found.set(uid, { code, message, retryAtMs: due(retryAtMs) });
      else if (!revisions.has(uid)) this.#entries.delete(uid);
    return found;
  }
}

function messageOf(cause: unknown): string {
  const faults = cause instanceof WeftError ? cause.faults : [];
  const message = cause instanceof Error ? cause.message : String(cause);
  return [message, ...faults.map((fault) => `${fault.path}: ${fault.message}`)].join(" ");
}
