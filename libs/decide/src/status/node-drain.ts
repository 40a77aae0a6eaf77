/**
 * What a drained node still carries, one phrase each, and why it is still there: what leaves, what is about to, and what has
 * no place elsewhere. Reads placements, slots and shims, and what the scheduler found no place for.
 */
import type { InstancePlacement, UplinkPlacement } from "@weft/schemas";
import { isInstance } from "@weft/schemas";
import { shardDrain } from "./shard-drain.ts";
import type { StatusWorld } from "./world.ts";

/** Names are `<tenant>/<kind>/<name>`; sorted. Empty: the node is drained. */
export function drainWaitsFor(node: string, world: StatusWorld): string[] {
  const phrases: string[] = [];
  for (const { value } of world.placements.values()) {
    if (isInstance(value) && value.node === node)
      phrases.push(`${value.tenant}/${value.kind}/${value.name} ${whyThere(value, world)}`);
    if (value.kind === "uplink" && value.active?.node === node)
      phrases.push(`${value.tenant}/network/${value.name} ${whyConnected(value)}`);
  }
  return phrases.toSorted();
}

function whyThere(instance: InstancePlacement, world: StatusWorld): string {
  if (instance.leaving) {
    const drain = instance.kind === "shard" ? shardDrain(instance, world) : null;
    return `is leaving: it waits for ${drain?.waitsFor ?? "its node to remove it"}`;
  }
  const { tenant } = instance;
  const stuck =
    instance.kind === "shard"
      ? world.unplaced("FunctionGroup", tenant, instance.group)
      : world.unplaced("Workload", tenant, instance.name);
  if (stuck?.reason === "Pinned") return `is pinned: ${stuck.message}`;
  if (stuck !== undefined) return `has no place elsewhere: ${stuck.message}`;
  return instance.kind === "shard" ? "stays until another shard has taken its place" : "is about to leave";
}

function whyConnected({ nodes }: UplinkPlacement): string {
  return nodes.length > 1
    ? "has its physical segment here: no other of its nodes is ready to connect it"
    : "has its physical segment here: its document names no other node";
}
