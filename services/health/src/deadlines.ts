/**
 * What time alone has made true: who is silent, who is left out, whose time to be heard is over. Pure.
 * A text that stays the same while no verdict can change by waiting, so that silence costs no round before it means something;
 * and the moment of the next one that can, so that it is found then and nothing looks for it before.
 */
import type { VerdictPolicy } from "@weft/decide";
import type { Heard } from "./leader-ear.ts";

type Times = Pick<VerdictPolicy, "nodeLossMs" | "detectionMs">;

export function passedDeadlines(
  { beats, reports, listeningSinceMs }: Heard,
  { nodeLossMs, detectionMs }: Times,
  nowMs: number,
): string {
  const listened = nowMs - listeningSinceMs;
  const general = [
    ...(listened > detectionMs ? ["heard for the detection time"] : []),
    ...(listened >= Math.max(detectionMs, nodeLossMs) ? ["heard for the loss time"] : []),
    ...(listened > nodeLossMs ? ["nobody is new"] : []),
  ];
  let lastBeatMs = 0;
  const nodes = [...beats].map(([node, { atMs, sinceMs, againMs = 0 }]) => {
    lastBeatMs = Math.max(lastBeatMs, atMs);
    return `${node} ${nowMs - atMs > nodeLossMs} ${nowMs - sinceMs > detectionMs} ${nowMs - againMs > nodeLossMs}`;
  });
  const leftOut = [...reports].filter(([, { atMs }]) => lastBeatMs - atMs > detectionMs).map(([uid]) => uid);
  return [...general, ...nodes, ...leftOut].join("\n");
}

/** undefined: nothing becomes true by waiting. */
export function nextDeadlineMs(
  { beats, listeningSinceMs }: Heard,
  { nodeLossMs, detectionMs }: Times,
  nowMs: number,
): number | undefined {
  const ends = [
    listeningSinceMs + detectionMs + 1,
    listeningSinceMs + Math.max(detectionMs, nodeLossMs),
    listeningSinceMs + nodeLossMs + 1,
    ...[...beats.values()].flatMap(({ atMs, sinceMs, againMs = 0 }) => [
      atMs + nodeLossMs + 1,
      sinceMs + detectionMs + 1,
      againMs + nodeLossMs + 1,
    ]),
  ];
  const coming = ends.filter((ms) => ms > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming);
}
