/**
 * Health in a simulated world: every new shard becomes ready once it runs, since a plan says what happens when all goes well.
 * A shard that has failed before the plan stays failed. No steps: verdicts follow from what is seen, not from a wish.
 */
import type { RealizedRecord, ShardHealth, ShardPlacement } from "@weft/schemas";
import type { SimulatedWorld } from "./simulated-world.ts";
import { put } from "./simulated-world.ts";

export function healthStage(world: SimulatedWorld, now: string): void {
  for (const [key, { value: placement }] of world.placements) {
    const realized = world.realized.get(key)?.value;
    if (
      placement.kind !== "shard" ||
      realized?.state !== "running" ||
      realized.placementUid !== placement.uid
    )
      continue;
    const before = world.health.get(key)?.value;
    const known = before?.kind === "shard" && before.placementUid === placement.uid ? before : undefined;
    if (known?.state === "failed") continue;
    if (known?.state === "ready" && known.generation === realized.generation) continue;
    put(world, world.health, key, readyVerdict(placement, realized, now));
  }
  for (const [key, { value }] of world.health)
    if (value.kind === "shard" && !world.placements.has(key)) world.health.delete(key);
}

function readyVerdict(
  { tenant, name, group, node, uid }: ShardPlacement,
  { generation }: RealizedRecord,
  now: string,
): ShardHealth {
  return {
    kind: "shard",
    tenant,
    name,
    group,
    node,
    placementUid: uid,
    generation,
    state: "ready",
    reason: "ProbePassed",
    message: "",
    since: now,
  };
}
