/**
 * Rows of what is no document: shards, slots, handoffs, nodes. Sorted by name, numbers in base units.
 * Loads are no records: they are given, by placement, and null where nobody knows them.
 */
import type { HandoffRow, NodeRow, ShardRow, ShardSample, SlotsRecord, SlotsView } from "@weft/schemas";
import { isInstance, nodeHealthKey, recordKey, slotsKey } from "@weft/schemas";
import { isNodeRemoved } from "../access/index.ts";
import type { NodeWishes } from "../schedule/index.ts";
import { nodeWishes } from "../schedule/index.ts";
import { drainWaitsFor } from "./node-drain.ts";
import { shardDrain } from "./shard-drain.ts";
import { shardStanding } from "./shard-standing.ts";
import type { StatusRecords, StatusWorld } from "./world.ts";

/** By the placement's uid. */
export type ShardLoads = ReadonlyMap<string, Pick<ShardSample, "flows" | "bitsPerSecond" | "cpu" | "memory">>;
const unknownLoad = { flows: null, bitsPerSecond: null, cpu: null, memory: null };

export function shardRows(tenant: string, world: StatusWorld, loads: ShardLoads = new Map()): ShardRow[] {
  const rows: ShardRow[] = [];
  for (const { value, revision, at } of world.placements.values()) {
    if (value.kind !== "shard" || value.tenant !== tenant) continue;
    const { state, restarts, readyAt } = shardStanding(world, { value, revision, at });
    const { flows, bitsPerSecond, cpu, memory } = loads.get(value.uid) ?? unknownLoad;
    const owners = world.slots.get(slotsKey(tenant, value.group))?.value.owners ?? [];
    rows.push({
      name: value.name,
      functionGroup: value.group,
      tenant,
      node: value.node,
      state,
      slots: owners.filter((owner) => owner === value.name).length,
      flows,
      bitsPerSecond,
      cpu,
      memory,
      restarts,
      readyAt,
      drain: shardDrain(value, world),
    });
  }
  return rows.toSorted((a, b) => compare(a.name, b.name));
}

/** Who owns each slot of a group; undefined while it has none. */
export function slotsView(tenant: string, group: string, { slots }: StatusRecords): SlotsView | undefined {
  const record = slots.get(slotsKey(tenant, group))?.value;
  return record === undefined ? undefined : { version: record.version, owners: record.owners };
}

export function handoffRows(tenant: string, world: StatusRecords): HandoffRow[] {
  const rows = [...world.slots.values()]
    .filter(({ value }) => value.tenant === tenant)
    .flatMap(({ value }) => handoffRowsOf(value, world));
  return rows.toSorted(
    (a, b) => compare(a.functionGroup, b.functionGroup) || compare(a.from, b.from) || compare(a.to, b.to),
  );
}

/** A receiver that is gone has handed its slots on while the giver still drains: `to` is who has them now, each with its share. */
function handoffRowsOf({ tenant, group, owners, handoffs }: SlotsRecord, world: StatusRecords): HandoffRow[] {
  const rows = new Map<string, HandoffRow>();
  const isPlaced = (name: string) => world.placements.has(recordKey("shard", tenant, name));
  for (const { from, to: receiver, slots, phase, startedAt } of handoffs)
    for (const slot of slots) {
      const to = isPlaced(receiver) ? receiver : (owners[slot] ?? receiver);
      const key = [from, to, phase, startedAt].join(" ");
      const earlier = rows.get(key)?.slots ?? 0;
      rows.set(key, { functionGroup: group, from, to, slots: earlier + 1, phase, startedAt });
    }
  return [...rows.values()];
}

export function nodeRows(world: StatusWorld): NodeRow[] {
  const wishesOf = nodeWishes(world.intents);
  const rows = [...world.nodes.values()].map(({ value }): NodeRow => {
    const { name, address, runtimes, capacity, datapath, ovsVersion } = value;
    const wishes = wishesOf(name);
    const drain = wishes.drain ? { waitsFor: drainWaitsFor(name, world) } : null;
    return {
      name,
      state: stateOf(name, world, { ...wishes, waits: (drain?.waitsFor.length ?? 0) > 0 }),
      address,
      runtimes,
      capacity,
      allocated: allocatedOn(name, world),
      datapath,
      ovsVersion,
      drain,
    };
  });
  return rows.toSorted((a, b) => compare(a.name, b.name));
}

/**
 * One that was removed is leaving until its record goes; a lost one is told as lost all the same. What an operator wants of a
 * node shows where nothing worse is to be said of it.
 */
function stateOf(
  node: string,
  { health, access }: StatusRecords,
  wishes: NodeWishes & { readonly waits: boolean },
): NodeRow["state"] {
  const verdict = health.get(nodeHealthKey(node))?.value;
  const state = verdict?.kind === "node" ? verdict.state : "unknown";
  if (state === "lost") return state;
  if (isNodeRemoved(node, access)) return "leaving";
  if (state !== "ready" || !wishes.unschedulable) return state;
  if (!wishes.drain) return "cordoned";
  return wishes.waits ? "draining" : "drained";
}

/** What is placed there holds its share until its record is gone, also while it is leaving. */
function allocatedOn(node: string, { placements }: StatusRecords): NodeRow["allocated"] {
  let cpu = 0;
  let memory = 0;
  for (const { value } of placements.values()) {
    if (!isInstance(value) || value.node !== node) continue;
    cpu += value.resources.cpu ?? 0;
    memory += value.resources.memory ?? 0;
  }
  // Sums of decimals: 0.1 + 0.2 is to read 0.3.
  return { cpu: Math.round(cpu * 1000) / 1000, memory };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
