/**
 * What health looks at: placements, nodes, slots, its own verdicts, and what the heartbeats said last. Times are milliseconds since
 * the epoch by the service's clock; a heartbeat's own ages are relative, so clocks of nodes do not matter.
 */
import type { HealthRecord, NodeRecord, PlacementRecord, ShardReport, SlotsRecord } from "@weft/schemas";
import type { Records } from "../schedule/seen.ts";

export type { ShardReport };

/** The last heartbeat of a node, and when it came. */
export interface NodeBeat {
  readonly atMs: number;
  readonly incarnation: string;
  /** When this incarnation was first heard. */
  readonly sinceMs: number;
  /** When it was heard again after a silence that was longer than the loss time. */
  readonly againMs?: number | undefined;
}

/** What was last said of a shard, by its placement's uid, and when. */
export interface SeenReport {
  readonly atMs: number;
  readonly report: ShardReport;
}

export interface VerdictSeen {
  readonly placements: Records<PlacementRecord>;
  readonly nodes: Records<NodeRecord>;
  readonly health: Records<HealthRecord>;
  /** They say whether a shard that leaves is still needed. */
  readonly slots: Records<SlotsRecord>;
  readonly beats: ReadonlyMap<string, NodeBeat>;
  readonly reports: ReadonlyMap<string, SeenReport>;
  readonly nowMs: number;
  /** Since when heartbeats have been listened to without a break. */
  readonly listeningSinceMs: number;
}

export interface VerdictPolicy {
  /** A node that is silent for longer is lost. */
  readonly nodeLossMs: number;
  /** A shard whose last probe passed longer ago than this has failed; as long has a restarted agent to find its shards again. */
  readonly detectionMs: number;
  /** The silence of more than half of the nodes is disbelieved for this long. */
  readonly disbeliefMs: number;
  /** So long a shard that works again after its second failure lately is held back; twice as long after each further one. */
  readonly holdMs: number;
}

/** docs/failures.md says how they were chosen. */
export const defaultVerdictPolicy: VerdictPolicy = {
  nodeLossMs: 2000,
  detectionMs: 1000,
  disbeliefMs: 120_000,
  holdMs: 1000,
};
