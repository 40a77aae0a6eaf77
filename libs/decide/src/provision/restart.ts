/**
 * When an instance that ended is started again. One that ran well comes back at once; one that dies young waits longer
 * each time. A workload that ended by itself with 0 has done its work and stays as it is.
 */
import type { InstancePlacement } from "@weft/schemas";
import type { SeenInstance } from "./seen.ts";

const soundAfterMs = 10_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

export function isDone(placement: InstancePlacement, instance: SeenInstance): boolean {
  return placement.kind === "workload" && !instance.running && instance.ended?.exitCode === 0;
}

/** `restarts` counts those before. */
export function isDue(instance: SeenInstance, restarts: number, nowMs: number): boolean {
  const { ended } = instance;
  if (ended === undefined || ended.ranMs >= soundAfterMs) return true;
  const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(restarts, 10), longestPauseMs);
  return nowMs >= ended.atMs + (restarts === 0 ? 0 : pauseMs);
}
