/** Loads of shards at the edge: what agents say on the bus stands in the rows, for as long as they go on saying it. */
import type { ShardSample } from "@weft/schemas";
import { ShardRow, recordKey, samplesSubject } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import { shardPlacement } from "./records.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

const load = { flows: 7, bitsPerSecond: 8000, cpu: 0.25, memory: 4096 };
const unknown = { flows: null, bitsPerSecond: null, cpu: null, memory: null };

function sample(name: string, placementUid = `placement-${name}`): ShardSample {
  const counted = { toServer: 1, toClient: 1 };
  return {
    tenant: "demo",
    name,
    group: "fw",
    placementUid,
    bytes: counted,
    packets: counted,
    cpuSeconds: 1,
    ...load,
  };
}

describe("a shard's load", () => {
  const say = (shards: readonly ShardSample[], node = "node-1") =>
    edge.bus.publish(samplesSubject(node), { node, shards });
  const loads = async () =>
    Object.fromEntries(
      (await edge.client.shards("demo")).map(({ name, flows, bitsPerSecond, cpu, memory }) => [
        name,
        { flows, bitsPerSecond, cpu, memory },
      ]),
    );

  it("is what its agent said last, and not known of a shard that it says no more, or that is another placing", async () => {
    for (const name of ["fw-0", "fw-1"])
      await edge.bus.put("placements", recordKey("shard", "demo", name), shardPlacement(name));
    await eventually("both are told", async () => Object.keys(await loads()).length === 2);
    expect(await loads()).toEqual({ "fw-0": unknown, "fw-1": unknown });
    say([sample("fw-0"), sample("fw-1", "placement-of-before")]);
    await eventually("the first is known", async () => (await loads())["fw-0"]?.flows === 7);
    expect(await loads()).toEqual({ "fw-0": load, "fw-1": unknown });
    say([sample("fw-1")]);
    await eventually("the other is known", async () => (await loads())["fw-1"]?.flows === 7);
    expect((await loads())["fw-0"]).toEqual(unknown);
  });

  it("stands in the list of all tenants as in that of its own", async () => {
    const all = z.object({ items: z.array(ShardRow) });
    await edge.bus.put("placements", recordKey("shard", "demo", "fw-0"), shardPlacement("fw-0"));
    say([sample("fw-0")]);
    await eventually("it is known", async () => (await loads())["fw-0"]?.flows === 7);
    const { items } = all.parse(await (await edge.fetch("/v1/shards")).json());
    expect(items.find(({ name }) => name === "fw-0")).toMatchObject(load);
  });

  it("is not known any more of a node that has fallen silent, while another speaks", async () => {
    say([sample("fw-0")], "node-2");
    await eventually("it is known while the node speaks", async () => (await loads())["fw-0"]?.flows === 7);
    const silent = async () => {
      say([sample("fw-1")]);
      return (await loads())["fw-0"]?.flows === null;
    };
    await eventually("the silent node's shard is not known", silent, { withinMs: 10_000 });
    expect((await loads())["fw-1"]).toEqual(load);
  });

  it("stands in a watch along with what else changes, and is no news by itself", async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const following = (async () => {
      for await (const change of edge.client.watchShards("demo", stop.signal))
        if (change.type !== "SYNCED")
          told.push(`${change.type} ${change.item.name} ${change.item.flows} ${change.item.node}`);
    })().catch(() => undefined);
    say([sample("fw-0"), sample("fw-1")]);
    await eventually("the watch is open", () => told.length === 2);
    say([{ ...sample("fw-0"), flows: 8 }, sample("fw-1")]);
    await eventually("the new load is known", async () => (await loads())["fw-0"]?.flows === 8);
    const elsewhere = { ...shardPlacement("fw-0"), node: "node-3" };
    await edge.bus.put("placements", recordKey("shard", "demo", "fw-0"), elsewhere);
    await eventually("the change is told", () => told.length > 2);
    expect(told.slice(2)).toEqual(["MODIFIED fw-0 8 node-3"]);
    stop.abort();
    await following;
  });
});
