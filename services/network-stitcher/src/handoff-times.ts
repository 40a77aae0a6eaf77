/**
 * weft_handoff_seconds: how long handoffs took until the network sent their slots to the new owner, noted by the copy that
 * wrote that down, so each once. How long the old owner's flows then take to end is their own affair.
 */
import { isInFlight } from "@weft/decide";
import { histogramOf } from "@weft/runtime";
import type { SlotsRecord } from "@weft/schemas";

const handoffSeconds = histogramOf("weft_handoff_seconds");

/** Of a slots record that was written over another, or removed. */
export function timeHandoffs(before: SlotsRecord | null, after: SlotsRecord | null, nowMs: number): void {
  const still = new Set(after?.handoffs.filter(isInFlight).map(({ id }) => id));
  for (const { id, startedAt } of before?.handoffs.filter(isInFlight) ?? [])
    if (id > 0 && !still.has(id)) handoffSeconds.observe(Math.max(0, nowMs - Date.parse(startedAt)) / 1000);
}
