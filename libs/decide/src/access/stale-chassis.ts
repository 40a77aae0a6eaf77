/**
 * Chassis that must be fenced: of nodes that are lost, with policies that are in force no more. Should such a node come back, or only be
 * cut off, its workloads' packets would go to shards that own them no more, until its ovn-controller has caught up; without its row
 * nobody has a tunnel to it, and what it sends by old policies ends at the next host. Pure.
 * An ovn-controller that follows, however slowly, is alive and is left alone; so is a node whose agent is heard. So is one that was not seen
 * to follow since the databases are followed without a break: they were away, and it may be waiting to ask them again.
 */
import type { HealthRecord, NodeRecord } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import type { Records } from "../schedule/seen.ts";
import type { Progress } from "../stitch/seen.ts";
import type { RemoveChassis } from "./decide-chassis.ts";

/** How far a chassis is. */
export interface ChassisSight {
  readonly applied: number;
  /** It was seen to get further. */
  readonly follows: boolean;
  /** Of a lost node, behind what is compiled: since when it has got no further, in milliseconds since the epoch. */
  readonly stillSinceMs: number | undefined;
}

/** A living ovn-controller follows within some tenths of a second, also on a busy host. */
const fenceAfterMs = 1_000;

export interface ChassisWatch {
  readonly nodes: Records<NodeRecord>;
  readonly health: Records<HealthRecord>;
  readonly progress: Pick<Progress, "compiled" | "applied">;
}

/** By chassis, from the look before. Without one nothing is known of it yet. */
export function watchChassis(
  before: ReadonlyMap<string, ChassisSight>,
  { nodes, health, progress }: ChassisWatch,
  nowMs: number,
): Map<string, ChassisSight> {
  const sights = new Map<string, ChassisSight>();
  for (const { value: node } of nodes.values()) {
    const applied = progress.applied.get(node.chassis);
    if (applied === undefined) continue;
    const known = before.get(node.chassis);
    const went = known !== undefined && applied > known.applied;
    const isBehind = applied < progress.compiled && lostSince(node.name, health) !== undefined;
    const stillSinceMs = (went ? undefined : known?.stillSinceMs) ?? nowMs;
    sights.set(node.chassis, {
      applied,
      follows: went || known?.follows === true,
      stillSinceMs: isBehind ? stillSinceMs : undefined,
    });
  }
  return sights;
}

/** When each of those that stand still is fenced, in milliseconds since the epoch. */
export function fencesMs(sights: ReadonlyMap<string, ChassisSight>): number[] {
  return [...sights.values()].flatMap(({ follows, stillSinceMs }) =>
    follows && stillSinceMs !== undefined ? stillSinceMs + fenceAfterMs : [],
  );
}

/** Once for each loss: an ovn-controller that makes its row anew lives, and begins with what is in force. */
export function decideFences(
  seen: {
    readonly nodes: Records<NodeRecord>;
    readonly health: Records<HealthRecord>;
    readonly sights: ReadonlyMap<string, ChassisSight>;
    /** By `removal`. */
    readonly deletedAtMs: ReadonlyMap<string, number>;
  },
  nowMs: number,
): RemoveChassis[] {
  return [...seen.nodes.values()].flatMap(({ value: { name, chassis } }): RemoveChassis[] => {
    const { follows = false, stillSinceMs } = seen.sights.get(chassis) ?? {};
    const since = lostSince(name, seen.health);
    if (!follows || stillSinceMs === undefined || since === undefined) return [];
    if (nowMs < stillSinceMs + fenceAfterMs) return [];
    const removal = `${chassis} lost ${since}`;
    if (seen.deletedAtMs.has(removal)) return [];
    return [{ kind: "removeChassis", chassis, removal, why: `${name} is lost and has old policies` }];
  });
}

function lostSince(node: string, health: Records<HealthRecord>): string | undefined {
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost" ? verdict.since : undefined;
}
