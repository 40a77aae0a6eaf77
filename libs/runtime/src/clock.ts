/**
 * Clock: the time and timers as a port, so that tests can set them.
 * Reads the system's clock.
 * Decisions take `now` as an argument and never see a clock.
 */
import { waitToTick } from "./tick.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment, whatever the clock is set to meanwhile: for how long something takes or is ago. */
  monotonicMs(): number;
  /** RFC 3339, in UTC. */
  iso(): string;
  /** Runs once after `ms` milliseconds unless disposed of before; after a second or more perhaps 0.1 s later, after four 1 s. */
  after(ms: number, run: () => void): Disposable;
}

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    iso: () => new Date().toISOString(),
    after: (ms, run) => {
      const timer = setTimeout(run, waitToTick(Date.now(), ms));
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}

/** Resolves after `ms` milliseconds, or at once when the signal is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = () => {
      timer[Symbol.dispose]();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.after(ms, end);
    signal?.addEventListener("abort", end);
  });
}
