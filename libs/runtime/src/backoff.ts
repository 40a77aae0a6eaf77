/**
 * How long to wait before the next attempt: doubled each time up to a limit, and spread so that many who failed
 * together do not come back together.
 * Reads chance; waiting is left to the caller.
 */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** `failures` counts from 1. The result lies between half of the full delay and the full delay. */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffOptions): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + Math.random() / 2);
}
