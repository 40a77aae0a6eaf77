/**
 * The narrow path on real packets: a lab of three nodes, a firewall of one and then four shards, counted where
 * packets pass. One lab for the whole file; each test leaves the edge as it found it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { applyText, weft, weftDone, weftJson, yamlOf } from "./command-line.ts";
import type { Counted } from "./edge.ts";
import {
  Edge,
  clientIndices,
  deniedPorts,
  difference,
  documents,
  serverAddress,
  tally,
  tenant,
} from "./edge.ts";

const Shards = z.array(
  z.object({ name: z.string(), state: z.string(), node: z.string(), slots: z.number() }),
);
const shards = async () => Shards.parse(await weftJson("get", "shards", "--tenant", tenant));
const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "90s", "--tenant", tenant);
const applyEdge = () => applyText(yamlOf(documents()));

let edge: Edge;

beforeAll(async () => {
  await weftDone("up", "--json");
  expect(await applyEdge()).toMatchObject({ code: 0, stderr: "" });
  await ready("chain/edge");
  edge = await Edge.open();
});

afterAll(async () => {
  await edge?.close();
  await weftDone("down");
});

describe("a firewall of one shard", () => {
  it("lets an allowed port through for every client, and keeps denied ones shut", async () => {
    expect(await edge.open(1)).toEqual({ done: clientIndices.length, failed: 0 });
    expect(await edge.attempt(0, deniedPorts)).toEqual([]);
  });

  it("lets ping through", async () => {
    const ping = ["ping", "-c", "1", "-W", "2", serverAddress];
    expect((await weft("exec", "workload/client-1", "--tenant", tenant, "--", ...ping)).code).toBe(0);
  });
});

describe("the same firewall, scaled from one shard to four", () => {
  beforeAll(async () => {
    await weftDone("scale", "fg/edge-fw", "--replicas", "4", "--tenant", tenant);
    await ready("fg/edge-fw");
    await ready("chain/edge");
  });

  it("runs four ready shards on three nodes, which own every slot evenly", async () => {
    const rows = await shards();
    expect(rows.map(({ state, slots }) => ({ state, slots }))).toEqual(
      Array.from({ length: 4 }, () => ({ state: "ready", slots: 64 })),
    );
    expect(new Set(rows.map((row) => row.node)).size).toBe(3);
  });

  it("counts each connection in the shard that owns its client's slot, and the server saw the same clients", async () => {
    const before = await edge.counted();
    const seenBefore = (await edge.acceptedByServer()).length;
    const opened = await edge.open(6);
    expect(opened.failed).toBe(0);
    const after = await edge.counted();
    const passed = difference(after.passed, before.passed);
    expect(passed).toEqual(tally(await edge.ownerOfClients(), 6));
    expect(Math.min(...Object.values(passed))).toBeGreaterThanOrEqual(0.15 * opened.done);
    expect(after.strayReplies - before.strayReplies).toBe(0);
    const seen = (await edge.acceptedByServer()).slice(seenBefore);
    expect(seen.length).toBe(opened.done);
    expect(Object.keys(tally(seen)).length).toBe(clientIndices.length);
  });

  it("keeps each denied port shut through each of the four shards, which count what they drop", async () => {
    const owners = await edge.ownerOfClients();
    const before = await edge.counted();
    for (const { name } of await shards())
      expect(await edge.attempt(owners.indexOf(name), deniedPorts)).toEqual([]);
    const dropped = difference((await edge.counted()).dropped, before.dropped);
    for (const { name } of await shards()) expect(dropped[name]).toBeGreaterThanOrEqual(deniedPorts.length);
  });

  it("loses exactly the clients of a shard whose rules drop their traffic", async () => {
    const spoiled = "edge-fw-2";
    const wanted = (await edge.ownerOfClients()).map((owner) => owner !== spoiled);
    const handle = await dropTcpIn(spoiled);
    expect(await edge.reachable()).toEqual(wanted);
    expect(wanted.filter((open) => !open).length).toBeGreaterThan(0);
    await inShard(spoiled, "nft", "delete", "rule", "inet", "weft_firewall", "forward", "handle", handle);
    expect(await edge.reachable()).not.toContain(false);
  });

  it("lets nothing pass once its chain is deleted, and everything again once it is back", async () => {
    await weftDone("delete", "chain/edge", "--tenant", tenant);
    await weftDone("wait", "chain/edge", "--for", "deleted", "--timeout", "30s", "--tenant", tenant);
    const before: Counted = await edge.counted();
    expect(await edge.reachable()).not.toContain(true);
    expect((await edge.counted()).passed).toEqual(before.passed);
    expect(await applyEdge()).toMatchObject({ code: 0 });
    await ready("chain/edge");
    expect(await edge.reachable()).not.toContain(false);
  });

  it("goes back to one shard, and every client is served by it", async () => {
    await weftDone("scale", "fg/edge-fw", "--replicas", "1", "--tenant", tenant);
    await ready("fg/edge-fw");
    await ready("chain/edge");
    const serving = (await shards()).filter(({ state }) => state !== "draining");
    expect(serving).toMatchObject([{ state: "ready", slots: 256 }]);
    expect(await edge.reachable()).not.toContain(false);
  });
});

function inShard(shard: string, ...command: string[]): Promise<string> {
  return weftDone("exec", `shard/${shard}`, "--tenant", tenant, "--", ...command);
}

/** Puts a rule before all others that drops TCP; the probe's echo still passes. Returns the rule's handle. */
async function dropTcpIn(shard: string): Promise<string> {
  const rule = ["meta", "l4proto", "tcp", "counter", "drop"];
  const said = await inShard(
    shard,
    "nft",
    "-e",
    "-a",
    "insert",
    "rule",
    "inet",
    "weft_firewall",
    "forward",
    ...rule,
  );
  const [, handle = ""] = /# handle (\d+)/.exec(said) ?? [];
  expect(handle).not.toBe("");
  return handle;
}
