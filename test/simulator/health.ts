/** Health, as far as slots need it: verdicts on shards and nodes, late, and now and then wrong. */
import { isHeldBySlots } from "@weft/decide";
import type { ShardHealth, ShardPlacement } from "@weft/schemas";
import { nodeHealthKey, recordKey } from "@weft/schemas";
import { tenant } from "./documents.ts";
import { giveUpFlowsOf } from "./traffic.ts";
import type { World } from "./world.ts";

/** One look at one shard: what runs and is guarded passes its probe. Says whether the verdict changed. */
export function judge(world: World, placement: ShardPlacement): boolean {
  const instance = world.instances.get(placement.uid);
  const before = verdictOf(world, placement);
  const works = instance?.guarded === true && isWell(world, placement);
  const state = works ? "ready" : before === undefined ? undefined : "failed";
  if (state === undefined || before?.state === state) return false;
  // A shard that was never given anything is not missed, and one that leaves as planned is no failure.
  if (state === "failed" && placement.leaving && instance === undefined && !isHeld(world, placement))
    return false;
  say(world, placement, state);
  return true;
}

export function say(world: World, placement: ShardPlacement, state: "ready" | "failed"): void {
  const { name, group, node, uid } = placement;
  const about = { kind: "shard" as const, tenant, name, group, node, placementUid: uid, generation: 1 };
  const record: ShardHealth = { ...about, state, reason: "Simulated", message: "", since: world.now };
  world.health.write(recordKey("shard", tenant, name), record);
  world.note(`health: ${name} is ${state}`);
  if (state !== "failed") return;
  world.failed.add(name);
  giveUpFlowsOf(world, world.instances.get(uid));
}

/** The node is silent: it and all its shards are given up, whether they work or not. */
export function loseNode(world: World, node: string): void {
  sayOfNode(world, node, "lost");
  for (const chassis of world.chassis) if (chassis.node === node) chassis.suspect = true;
  for (const placement of world.shards())
    if (placement.node === node && verdictOf(world, placement)?.state === "ready")
      say(world, placement, "failed");
}

export function findNode(world: World, node: string): void {
  sayOfNode(world, node, "ready");
}

export function isNodeLost(world: World, node: string): boolean {
  const verdict = world.health.get(nodeHealthKey(node));
  return verdict?.kind === "node" && verdict.state === "lost";
}

function sayOfNode(world: World, name: string, state: "ready" | "lost"): void {
  const about = { kind: "node" as const, name, incarnation: "1", reason: "Simulated", message: "" };
  world.health.write(nodeHealthKey(name), { ...about, state, since: world.now });
  world.note(`health: ${name} is ${state}`);
}

function isWell(world: World, { node }: ShardPlacement): boolean {
  return !isNodeLost(world, node);
}

function isHeld({ record }: World, { name }: ShardPlacement): boolean {
  return record !== undefined && isHeldBySlots(record, name);
}

function verdictOf(world: World, placement: ShardPlacement): ShardHealth | undefined {
  const verdict = world.health.get(recordKey("shard", tenant, placement.name));
  return verdict?.kind === "shard" && verdict.placementUid === placement.uid ? verdict : undefined;
}
