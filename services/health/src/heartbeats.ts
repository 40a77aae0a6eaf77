/**
 * Heartbeats as they come in: the last of each node, and what was last said of each shard.
 * Reads messages; says "look again" only when one tells something new, so that steady beats cost no round.
 * What they mean is left to libs/decide, verdict; silence is found by the loop's own rhythm.
 */
import type { NodeBeat, SeenReport, ShardReport, VerdictPolicy } from "@weft/decide";
import type { Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import { heartbeatReader } from "./read-heartbeat.ts";

export interface Heartbeats {
  readonly changed: Signal;
  readonly beats: ReadonlyMap<string, NodeBeat>;
  /** By the placement's uid. */
  readonly reports: ReadonlyMap<string, SeenReport>;
  /** False for a text that is no heartbeat. */
  take(text: string, atMs: number): boolean;
  /** Forgets shards that no heartbeat has named since then. */
  forgetBefore(atMs: number): void;
}

/** A probe counts as passing or not at the detection time; between, a new age is nothing new. */
export function collectHeartbeats({
  detectionMs,
  nodeLossMs,
}: Pick<VerdictPolicy, "detectionMs" | "nodeLossMs">): Heartbeats {
  const changed = createEmitter();
  const beats = new Map<string, NodeBeat & { readonly sequence: number }>();
  const reports = new Map<string, SeenReport>();
  /** What each node said of its shards last, for beats that leave it out. */
  const said = new Map<string, readonly ShardReport[]>();
  const read = heartbeatReader();
  const passes = ({ probeAgeMs }: ShardReport) => probeAgeMs !== null && probeAgeMs <= detectionMs;
  const isNews = (before: ShardReport | undefined, now: ShardReport) =>
    before === undefined ||
    before.running !== now.running ||
    before.wired !== now.wired ||
    before.generation !== now.generation ||
    passes(before) !== passes(now);
  return {
    changed,
    beats,
    reports,
    take: (text, atMs) => {
      const heartbeat = read(text);
      if (heartbeat === undefined) return false;
      const { node, incarnation, sequence } = heartbeat;
      const before = beats.get(node);
      // Late and doubled ones tell nothing; a new incarnation counts from the beginning.
      if (before?.incarnation === incarnation && before.sequence >= sequence) return true;
      if (heartbeat.shards !== undefined) said.set(node, heartbeat.shards);
      else if (before?.incarnation !== incarnation) said.delete(node);
      const shards = said.get(node) ?? [];
      const news = shards.filter((report) => isNews(reports.get(report.placementUid)?.report, report));
      const sinceMs = before?.incarnation === incarnation ? before.sinceMs : atMs;
      const isBack = before !== undefined && atMs - before.atMs > nodeLossMs;
      const againMs = isBack ? atMs : before?.againMs;
      beats.set(node, { atMs, incarnation, sinceMs, againMs, sequence });
      for (const report of shards) reports.set(report.placementUid, { atMs, report });
      if (news.length > 0 || isBack || before?.incarnation !== incarnation) changed.emit();
      return true;
    },
    forgetBefore: (atMs) => {
      for (const [uid, seen] of reports) if (seen.atMs < atMs) reports.delete(uid);
    },
  };
}
