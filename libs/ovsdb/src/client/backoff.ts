/**
 * How long to wait before the next attempt: doubled each time up to a bound, and jittered so that many clients of one
 * restarted server do not come back at once. Reads how many attempts failed in a row.
 * Waiting is left to ovsdb-client.ts.
 */
export interface Backoff {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Milliseconds, between a half and the whole of the bounded doubling; `random` is in [0, 1). */
export function backoffDelayMs(backoff: Backoff, failures: number, random: number): number {
  const bounded = Math.min(backoff.maxDelayMs, backoff.minDelayMs * 2 ** Math.min(failures, 30));
  return bounded * (0.5 + random / 2);
}
