/**
 * Chassis that must be fenced: of nodes that are lost, with policies that are in force no more. Should such a node come back, or only be
 * cut off, its workloads' packets would go to shards that own them no more, until its ovn-controller has caught up; without its row
 * nobody has a tunnel to it, and what it sends by old policies ends at the next host. Pure.
 * An ovn-controller that follows, however slowly, is alive and is left alone; so is a node whose agent is heard.
 */
import type { HealthRecord, NodeRecord } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import type { Records } from "../schedule/seen.ts";
import type { Progress } from "../stitch/seen.ts";
import type { RemoveChassis } from "./decide-chassis.ts";

/** A chassis of a lost node that has not applied what is compiled. */
export interface StaleChassis {
  readonly applied: number;
  /** Since when it has got no further, in milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** A living ovn-controller follows within some tenths of a second, also on a busy host. */
export const fenceAfterMs = 1_000;

export interface StaleSeen {
  readonly nodes: Records<NodeRecord>;
  readonly health: Records<HealthRecord>;
  readonly progress: Pick<Progress, "compiled" | "applied">;
}

/** By chassis: what stands still, from what stood still at the look before. */
export function staleChassis(
  before: ReadonlyMap<string, StaleChassis>,
  { nodes, health, progress }: StaleSeen,
  nowMs: number,
): Map<string, StaleChassis> {
  const stale = new Map<string, StaleChassis>();
  for (const { value: node } of nodes.values()) {
    const applied = progress.applied.get(node.chassis);
    if (lostSince(node.name, health) === undefined || applied === undefined) continue;
    if (applied >= progress.compiled) continue;
    const known = before.get(node.chassis);
    stale.set(node.chassis, known?.applied === applied ? known : { applied, sinceMs: nowMs });
  }
  return stale;
}

/** Once for each loss: an ovn-controller that makes its row anew lives, and begins with what is in force. */
export function decideFences(
  seen: {
    readonly nodes: Records<NodeRecord>;
    readonly health: Records<HealthRecord>;
    readonly stale: ReadonlyMap<string, StaleChassis>;
    /** By `removal`. */
    readonly deletedAtMs: ReadonlyMap<string, number>;
  },
  nowMs: number,
): RemoveChassis[] {
  return [...seen.nodes.values()].flatMap(({ value: { name, chassis } }): RemoveChassis[] => {
    const stood = seen.stale.get(chassis);
    const since = lostSince(name, seen.health);
    if (stood === undefined || since === undefined || nowMs < stood.sinceMs + fenceAfterMs) return [];
    const removal = `${chassis} lost ${since}`;
    if (seen.deletedAtMs.has(removal)) return [];
    return [{ kind: "removeChassis", chassis, removal, why: `${name} is lost and has old policies` }];
  });
}

function lostSince(node: string, health: Records<HealthRecord>): string | undefined {
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost" ? verdict.since : undefined;
}
