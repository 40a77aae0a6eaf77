/**
 * IPv6 on real packets: a pair of networks with both families and a pair with IPv6 alone, both through one firewall of
 * four shards. One lab for the whole file; each test leaves the edge as it found it.
 */
import { labStatus } from "@weft/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { countersCommand, readCounters } from "../../libs/lab/src/demo/counters.ts";
import type { DemoWeft } from "../../libs/lab/src/demo/demonstration.ts";
import { TrafficFleet } from "../../libs/lab/src/demo/traffic-fleet.ts";
import { weftOfLab } from "../../libs/lab/src/demo/weft-port.ts";
import { allowedPort, clientCommand, deniedPorts, group, tenant } from "../../libs/lab/src/demo/world.ts";
import { applyText, eventually, weft, weftDone, weftJson, yamlOf } from "./command-line.ts";
import { difference, tally } from "./edge.ts";
import * as world from "./ipv6-world.ts";

const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "90s", "--tenant", tenant);
const Shards = z.array(z.object({ name: z.string(), state: z.string(), slots: z.number() }));
const shards = async () => Shards.parse(await weftJson("get", "shards", "--tenant", tenant));
const passedBy = async () => {
  const read = (await shards()).map(async ({ name }) => [
    name,
    readCounters(await lab.run("shard", name, countersCommand)).passed,
  ]);
  return Object.fromEntries(await Promise.all(read)) as Record<string, number>;
};

let lab: DemoWeft;
let both: TrafficFleet;
let alone: TrafficFleet;

beforeAll(async () => {
  await weftDone("up", "--json");
  expect(await applyText(yamlOf(world.documents()))).toMatchObject({ code: 0, stderr: "" });
  for (const chain of world.chains) await ready(`chain/${chain}`);
  const endpoints = labStatus()?.endpoints;
  if (endpoints === undefined) throw new Error("the lab has no endpoints");
  lab = weftOfLab(endpoints);
  for (const name of world.workloads) await lab.ready("Workload", name);
  const fleetOf = (name: (index: number) => string) =>
    TrafficFleet.start(world.clients, (index) => lab.session(name(index), clientCommand));
  [both, alone] = await Promise.all([fleetOf(world.clientOfBoth), fleetOf(world.clientAlone)]);
});

afterAll(async () => {
  await Promise.all([both?.close(), alone?.close()]);
  await weftDone("down");
});

async function openAll(fleet: TrafficFleet, host: string, count: number): Promise<void> {
  const order = { op: "open", host, port: allowedPort, count, timeoutMs: 5000 } as const;
  expect(await fleet.all(order)).toEqual({ done: world.clients * count, failed: 0 });
  await fleet.all({ op: "close" });
}

async function reached(fleet: TrafficFleet, host: string, ports: readonly number[]): Promise<number> {
  const order = { op: "attempt", host, ports, timeoutMs: 1500 } as const;
  return (await fleet.all(order)).failed;
}

/** Shards that own the slots of the clients, whose addresses end in 11 and up. */
async function owners(): Promise<string[]> {
  const all = await lab.slotOwners(group);
  return Array.from({ length: world.clients }, (_, index) => all[world.clientSlot(index)] ?? "nobody");
}

describe.each([
  { what: "networks with IPv6 alone", fleet: () => alone, host: world.serverAlone, from: "client-alone-1" },
  { what: "networks with both families", fleet: () => both, host: world.serverOfBoth6, from: "client-1" },
])("a firewall of four shards between $what", ({ fleet, host, from }) => {
  it("counts each connection in the shard that owns the low bits of its client's IPv6 address", async () => {
    const before = await passedBy();
    await openAll(fleet(), host, 4);
    expect(difference(await passedBy(), before)).toEqual(tally(await owners(), 4));
  });

  it("spreads consecutive addresses evenly", async () => {
    const perShard = Object.values(tally(await owners()));
    expect(perShard).toEqual(Array.from({ length: 4 }, () => world.clients / 4));
  });

  it("keeps every denied port shut for every client", async () => {
    expect(await reached(fleet(), host, deniedPorts)).toBe(0);
  });

  it("lets an echo through that is larger than the path, in fragments", async () => {
    const ping = ["ping", "-6", "-c", "2", "-i", "0.2", "-W", "2", "-s", "3000", host];
    expect((await weft("exec", `workload/${from}`, "--tenant", tenant, "--", ...ping)).code).toBe(0);
  });
});

describe("the same clients over IPv4", () => {
  it("pass the same firewall", async () => {
    await openAll(both, world.serverOfBoth4, 2);
    expect(await reached(both, world.serverOfBoth4, deniedPorts)).toBe(0);
  });
});

describe("a shard that passes IPv4 and drops IPv6", () => {
  const spoiled = "edge-fw-1";
  const inShard = (...command: string[]) =>
    weftDone("exec", `shard/${spoiled}`, "--tenant", tenant, "--", "nft", ...command);
  const slotsOf = async () => (await shards()).find(({ name }) => name === spoiled)?.slots;

  it("is found out by its probe and loses its slots, and gets them back when it passes both", async () => {
    expect(await slotsOf()).toBe(64);
    const place = ["inet", "weft_firewall", "forward"];
    const said = await inShard("-e", "-a", "insert", "rule", ...place, "meta", "nfproto", "ipv6", "drop");
    const [, handle = ""] = /# handle (\d+)/.exec(said) ?? [];
    await eventually("no slot is left to it", 30_000, async () =>
      (await slotsOf()) === 0 ? true : undefined,
    );
    await ready("chain/alone");
    await openAll(alone, world.serverAlone, 1);
    await inShard("delete", "rule", ...place, "handle", handle);
    await eventually("it has its slots again", 60_000, async () =>
      (await slotsOf()) === 64 ? true : undefined,
    );
    for (const chain of world.chains) await ready(`chain/${chain}`);
  });
});

describe("a chain of IPv6 that is deleted", () => {
  it("lets nothing pass any more, and leaves the other chain alone", async () => {
    await weftDone("delete", "chain/alone", "--tenant", tenant);
    await weftDone("wait", "chain/alone", "--for", "deleted", "--timeout", "30s", "--tenant", tenant);
    expect(await reached(alone, world.serverAlone, [allowedPort])).toBe(0);
    await openAll(both, world.serverOfBoth6, 1);
  });
});
