/**
 * Notices that the process stood still (it was stopped, or its machine was suspended), before anything is done with what came
 * meanwhile. Reads the monotonic clock once a second, and when it is asked. What to do then is the caller's.
 */
import { everyTick } from "@weft/runtime";

const everyMs = 1_000;

export interface StandstillWatch extends Disposable {
  /** Looks now. The sockets may be read before the first timer runs, so whoever takes a message asks. */
  look(): void;
}

/** `stood` gets how long it was, in milliseconds, when it was longer than `longestMs`. */
export function watchStandstill(longestMs: number, stood: (ms: number) => void): StandstillWatch {
  let lastMs = performance.now();
  const look = () => {
    const nowMs = performance.now();
    const ms = nowMs - lastMs;
    lastMs = nowMs;
    if (ms > longestMs) stood(ms);
  };
  const ticking = everyTick(everyMs, look);
  return { look, [Symbol.dispose]: () => ticking[Symbol.dispose]() };
}
