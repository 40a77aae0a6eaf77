/**
 * What stands in a lab with traffic in it: which shards each connection passes, by the kernels' own tracking in them; every container, namespace,
 * link, port and row by its identity; what the records say of slots, shards and workloads. Two of them tell what is another thing.
 */
import { connectBus } from "@weft/bus";
import { createLog } from "@weft/runtime";
import { WeftEvent } from "@weft/schemas";
import { z } from "zod";
import { weftJson } from "../lab/command-line.ts";
import { endpoints } from "../lab/lab-endpoints.ts";
import { differences, stockOf } from "../lab/stock.ts";
import type { Stock } from "../lab/stock.ts";
import { trackedIn } from "../traffic/shard-kernel.ts";
import type { MovingWorld } from "../traffic/moving-world.ts";

export interface Standing {
  readonly flows: ReadonlyMap<string, readonly string[]>;
  readonly things: Stock;
}

export interface Changes {
  /** Of those that were and are, how many there are to compare. */
  readonly compared: number;
  /** Flows that pass other shards now. */
  readonly flows: readonly string[];
  /** What was made anew, changed or is gone, in words; what is new beside it does not count. */
  readonly things: readonly string[];
}

export async function standingOf(world: MovingWorld): Promise<Standing> {
  const [flows, stock, records] = await Promise.all([flowsInShards(world), stockOf(), recordsNow()]);
  return { flows, things: new Map([...stock, ...records]) };
}

export function changesOf(before: Standing, after: Standing): Changes {
  const both = [...before.flows].filter(([flow]) => after.flows.has(flow));
  return {
    compared: both.length,
    flows: both
      .map(([flow, shards]) => ({ flow, was: shards.join(), is: (after.flows.get(flow) ?? []).join() }))
      .filter(({ was, is }) => was !== is)
      .map(({ flow, was, is }) => `${flow}: ${was}, now ${is}`),
    things: differences(before.things, after.things).filter((line) => !line.endsWith(" is new")),
  };
}

/** By established connection or answered flow of datagrams the shards whose kernels track it. */
async function flowsInShards(world: MovingWorld): Promise<Map<string, string[]>> {
  const shards = world.runningShards().toSorted((a, b) => a.name.localeCompare(b.name));
  const seen = new Map<string, string[]>();
  for (const shard of shards)
    for (const flow of (await trackedIn(shard)).keys())
      seen.set(flow, [...(seen.get(flow) ?? []), shard.name]);
  return seen;
}

/** Read anew from the bus, not from a view that may not have heard. */
async function recordsNow(): Promise<[string, string][]> {
  const log = createLog("test", "silent");
  const bus = await connectBus({ url: endpoints().nats, name: "standing", log });
  try {
    const [slots, shims, realized] = await Promise.all([
      bus.view("slots"),
      bus.view("shims"),
      bus.view("realized"),
    ]);
    return [
      ...[...slots.entries()].map(([key, { revision }]) => [`slots ${key}`, String(revision)]),
      // About how many flows a shim knows changes with the traffic.
      ...[...shims.entries()].map(([key, { value }]) => [
        `shim ${key}`,
        JSON.stringify({ ...value, flowsAtLeast: 0 }),
      ]),
      ...[...realized.entries()].map(([key, { value }]) => {
        const { holder, instance, namespaceInode, restarts, startedAt, configLoadedAt } = value;
        return [
          `realized ${key}`,
          JSON.stringify([holder, instance, namespaceInode, restarts, startedAt, configLoadedAt]),
        ];
      }),
    ] as [string, string][];
  } finally {
    await bus.close();
  }
}

const alarms: ReadonlySet<string> = new Set(["dev.weft.shard.failed", "dev.weft.node.lost"]);

/** Shards and nodes that were called dead since, as the events tell that Weft keeps. */
export async function calledDeadSince(time: string): Promise<string[]> {
  return z
    .array(WeftEvent)
    .parse(await weftJson("events"))
    .filter((event) => alarms.has(event.type) && event.time >= time)
    .map((event) => `${event.type} ${event.subject}`);
}
