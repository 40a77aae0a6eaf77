/**
 * A clock that a test sets: time passes only by `advance`.
 * Runs the timers that come due, in order.
 * For tests of this package and, by the export "@weft/runtime", of others that take a Clock.
 */
import type { Clock } from "./clock.ts";

export interface TestClock extends Clock {
  /** Lets `ms` pass, and what runs because of it, promises too. */
  advance(ms: number): Promise<void>;
  /** Sets the time of day by so much; no time passes. */
  setBy(ms: number): void;
}

export function testClock(startMs = Date.UTC(2026, 0, 1)): TestClock {
  let now = 0;
  let epochMs = startMs;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const nextDue = (until: number) =>
    timers.filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)[0];
  return {
    now: () => epochMs + now,
    monotonicMs: () => now,
    iso: () => new Date(epochMs + now).toISOString(),
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return {
        [Symbol.dispose]: () => {
          timers = timers.filter((entry) => entry !== timer);
        },
      };
    },
    setBy: (ms) => {
      epochMs += ms;
    },
    advance: async (ms) => {
      const until = now + ms;
      await settled();
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        const { at, run } = due;
        now = Math.max(now, at);
        timers = timers.filter((entry) => entry !== due);
        run();
        await settled();
      }
      now = until;
    },
  };
}

/** A turn of the event loop: every promise that can resolve has done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
