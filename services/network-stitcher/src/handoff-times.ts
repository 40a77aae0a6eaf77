/**
 * weft_handoff_seconds: how long handoffs took, noted by the copy that wrote their end, so each once.
 * They are the handoffs of the events `finished`, also where a group was deleted under them.
 */
import { histogramOf } from "@weft/runtime";
import type { SlotsRecord } from "@weft/schemas";
import { handoffsBeyond } from "./stitcher-events.ts";

const handoffSeconds = histogramOf("weft_handoff_seconds");

/** Of a slots record that was written over another, or removed. */
export function timeHandoffs(before: SlotsRecord | null, after: SlotsRecord | null, nowMs: number): void {
  for (const { startedAt } of handoffsBeyond(after, before))
    handoffSeconds.observe(Math.max(0, nowMs - Date.parse(startedAt)) / 1000);
}
