/** Which node's agent owns a workload or a shard now, as its placement says. */
import type { StatusWorld } from "@weft/decide";
import { WeftError, nodeHealthKey, recordKey } from "@weft/schemas";

export type SessionKind = "workload" | "shard";

/** Throws when it is not there, not placed yet, or its node is lost. */
export function nodeOf(world: StatusWorld, kind: SessionKind, tenant: string, name: string): string {
  const placement = world.placements.get(recordKey(kind, tenant, name))?.value;
  if (placement === undefined || placement.kind === "group")
    throw new WeftError("not-found", `There is no ${kind} ${tenant}/${name} on any node.`);
  if (isLost(world, placement.node))
    throw new WeftError("unavailable", `${kind} ${tenant}/${name} is on ${placement.node}, which is lost.`);
  return placement.node;
}

export function isLost(world: StatusWorld, node: string): boolean {
  const health = world.health.get(nodeHealthKey(node))?.value;
  return health?.kind === "node" && health.state === "lost";
}
