/**
 * What time alone has made true: who is silent, who is left out, whose time to be heard is over. Pure.
 * A text that stays the same while no verdict can change by waiting, so that silence costs no round before it means something.
 */
import type { VerdictPolicy } from "@weft/decide";
import type { Heard } from "./leader-ear.ts";

export function passedDeadlines(
  { beats, reports, listeningSinceMs }: Heard,
  { nodeLossMs, detectionMs }: VerdictPolicy,
  nowMs: number,
): string {
  const listened = nowMs - listeningSinceMs;
  const general = [
    ...(listened > detectionMs ? ["heard for the detection time"] : []),
    ...(listened >= Math.max(detectionMs, nodeLossMs) ? ["heard for the loss time"] : []),
    ...(listened > nodeLossMs ? ["nobody is new"] : []),
  ];
  let lastBeatMs = 0;
  const nodes = [...beats].map(([node, { atMs, sinceMs }]) => {
    lastBeatMs = Math.max(lastBeatMs, atMs);
    return `${node} ${nowMs - atMs > nodeLossMs} ${nowMs - sinceMs > detectionMs}`;
  });
  const leftOut = [...reports].filter(([, { atMs }]) => lastBeatMs - atMs > detectionMs).map(([uid]) => uid);
  return [...general, ...nodes, ...leftOut].join("\n");
}
