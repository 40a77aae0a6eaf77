/**
 * What a shard is given of the connections of one that failed, by records and messages on a real bus. Its kernel is left out: what would be
 * loaded into it is written down; test/lab/replicated.test.ts shows the whole.
 */
import { slotOfFlow } from "@weft/decide";
import { systemClock } from "@weft/runtime";
import { recordKey, slotCount, slotsKey, trackedAskSubject, trackedSubject } from "@weft/schemas";
import type { Flow, SlotsRecord, TrackedFlow, TrackedTold } from "@weft/schemas";
import { eventually, placedGroup, placedShard } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { AgentConfig } from "../src/index.ts";
import type { AgentPorts } from "../src/index.ts";
import type { Inventory } from "../src/inventory.ts";
import { Replication } from "../src/replica/replication.ts";
import { log, sharedBus, silent } from "./shared-bus.ts";
import { trackedTold } from "./tracked-told.ts";

const bus = sharedBus();
const flow = (port: number): Flow => ["10.1.0.3", "10.2.0.9", 6, port, 80];
const tracked = (port: number): TrackedFlow => ({
  flow: flow(port),
  openedBy: "client",
  state: "ESTABLISHED",
});
let names = 0;

/** fw-1 is here, fw-0 elsewhere. `fail`: fw-0 failed and fw-1 has its slots. `given`: what fw-1 was given, each time. */
async function node() {
  names += 1;
  const name = `fw${names}`;
  const group = { tenant: "demo", group: name };
  const open = new AsyncDisposableStack();
  const given: number[][] = [];
  const views = { placements: await bus().view("placements"), slots: await bus().view("slots") };
  const groupPlaced = placedGroup({ name, state: "replicated" });
  await bus().put("placements", recordKey("group", "demo", name), groupPlaced);
  const shardPlaced = placedShard({ name: `${name}-1`, group: name, index: 1, node: name });
  await bus().put("placements", recordKey("shard", "demo", `${name}-1`), shardPlaced);
  const holder = { id: "h", running: true, namespacePath: "/run/netns/there-is-none", namespaceInode: 1 };
  const inventory = { owned: () => ({ holder }), isWhole: () => true, changed: silent };
  const ports = { bus: bus(), views, fabric: { changed: silent }, clock: systemClock(), log };
  const context = {
    node: name,
    ports: ports as unknown as AgentPorts,
    inventory: inventory as unknown as Inventory,
    settings: AgentConfig.parse({ node: name, nodeAddress: "192.0.2.1" }),
  };
  const replication = new Replication(context, async ({ flows }) => {
    given.push(flows.map((each) => each.flow[3]));
  });
  await replication.service.start();
  open.defer(() => replication.service.stop());
  let number = 0;
  const publish = (part: Partial<TrackedTold>) => {
    const shard = `${name}-0`;
    bus().publish(trackedSubject(group, shard), trackedTold({ shard, number, ...part }));
  };
  const tell = (come: TrackedFlow[], { follow }: { readonly follow: number }) => {
    number += 1;
    publish({ number, whole: number === 1, follow, come });
  };
  /** Who hears of a run whose beginning it missed asks for the whole. */
  const hears = async () => {
    let asked = false;
    using _ = bus().subscribe(trackedAskSubject(group, `${name}-0`), () => (asked = true));
    await eventually("it hears", () => {
      publish({ run: "missed", number: 1 });
      return asked;
    });
  };
  const fail = () => bus().put("slots", slotsKey("demo", name), slotsRecord(name));
  const isGiven = (wanted: number[][]) =>
    eventually(
      `it was given ${JSON.stringify(wanted)}`,
      () => JSON.stringify(given) === JSON.stringify(wanted),
    );
  return { given, tell, hears, fail, isGiven, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe("a shard of a node whose agent has just begun", () => {
  it("goes on with what one left that failed before anything was heard of it", async () => {
    await using at = await node();
    await at.fail();
    await at.isGiven([[]]);
    at.tell([tracked(4001), tracked(4002)], { follow: 0 });
    await at.isGiven([[], [4001, 4002]]);
    expect(at.given.length).toBe(2);
  });

  it("goes on with the rest once all of it was told, and is given nothing twice", async () => {
    await using at = await node();
    await at.hears();
    at.tell([tracked(4001)], { follow: 1 });
    await bus().connection.flush();
    await at.fail();
    await at.isGiven([[4001]]);
    at.tell([tracked(4002)], { follow: 0 });
    await at.isGiven([[4001], [4002]]);
    expect(at.given.length).toBe(2);
  });
});

function slotsRecord(group: string): SlotsRecord {
  const slots = [...new Set([4001, 4002].map((port) => slotOfFlow("client", flow(port))))];
  return {
    tenant: "demo",
    group,
    groupUid: "intent",
    version: 1,
    owners: Array.from({ length: slotCount }, () => `${group}-1`),
    leaving: [],
    nextHandoff: 2,
    handoffs: [
      {
        id: 1,
        from: `${group}-0`,
        to: `${group}-1`,
        fromGone: true,
        slots,
        phase: "done",
        startedAt: "2026-01-01T00:00:00.000Z",
      },
    ],
  };
}
