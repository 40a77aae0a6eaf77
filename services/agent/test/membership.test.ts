/**
 * An agent and its membership on a real bus: it begins, winds down, says goodbye, keeps out. The agent itself is counted and
 * not run, so that no root is needed; test/lab/join.test.ts shows the whole.
 */
import { systemClock } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { AccessRecord, NodeRecord, RealizedRecord } from "@weft/schemas";
import { nodeAccessKey, recordKey, uplinkKey } from "@weft/schemas";
import { eventually, placedWorkload } from "@weft/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { AgentConfig } from "../src/index.ts";
import type { AgentPorts } from "../src/index.ts";
import { whileMember } from "../src/membership.ts";
import { log, sharedBus, silent } from "./shared-bus.ts";

const bus = sharedBus();
let service: Service;
afterEach(() => service.stop());
let names = 0;

/** What happened to the agent of a node, in order; the node's name is new. */
async function begin(o: { uid?: string; access?: (node: string) => AccessRecord }) {
  names += 1;
  const node = `host-${names}`;
  const happened: string[] = [];
  let looks = 0;
  const note = (what: string) => async () => void happened.push(what);
  if (o.access !== undefined) await bus().put("access", nodeAccessKey(node), o.access(node));
  const views = {
    placements: await bus().view("placements"),
    realized: await bus().view("realized"),
    nodes: await bus().view("nodes"),
    access: await bus().view("access"),
  };
  const fabric = { leave: note("leave"), changed: silent };
  const ports = { bus: bus(), views, fabric, clock: systemClock(), log };
  const config = AgentConfig.parse({
    node,
    nodeAddress: "192.0.2.1",
    ...(o.uid === undefined ? {} : { membership: o.uid }),
  });
  const agent = {
    name: "agent",
    start: async () => {
      await bus().put("nodes", node, nodeRecord(node));
      happened.push("start");
    },
    stop: note("stop"),
    clear: note("clear"),
    // Asked in each round of one that was removed.
    holdsAnything: () => {
      looks += 1;
      return false;
    },
  };
  service = whileMember(config, ports as unknown as AgentPorts, () => agent);
  await service.start();
  const until = (wanted: string[]) =>
    eventually(`the agent's course: ${wanted.join(", ")}`, async () => happened.join() === wanted.join());
  return { node, happened, until, looks: () => looks, recorded: () => views.nodes.get(node) !== undefined };
}

function nodeRecord(name: string): NodeRecord {
  return {
    name,
    address: "192.0.2.1",
    chassis: name,
    runtimes: ["namespace"],
    capacity: { cpu: 1, memory: 1 },
    datapath: "netdev",
    ovsVersion: "3.1",
    incarnation: "1",
    startedAt: "2030-01-01T00:00:00.000Z",
  };
}

function memberOf(node: string, uid: string, removedAt?: string): AccessRecord {
  const membership = {
    uid,
    hash: "a".repeat(64),
    address: "192.0.2.1",
    joinedAt: "2030-01-01T00:00:00.000Z",
  };
  return { kind: "node", node, membership, ...(removedAt === undefined ? {} : { removedAt }) };
}

function connected(node: string): RealizedRecord {
  const of = { kind: "uplink", tenant: "demo", name: "lan", node } as const;
  return { ...of, placementUid: "i", placementRevision: 1, generation: 1, state: "running", restarts: 0 };
}

const removedAt = "2030-01-02T00:00:00.000Z";

describe("an agent", () => {
  it("takes part where nobody had to join, and in a membership of its own", async () => {
    await (await begin({})).until(["start"]);
    await service.stop();
    const joined = await begin({ uid: "u1", access: (node) => memberOf(node, "u1") });
    await joined.until(["start"]);
  });

  it("that was removed goes on while a placement names its node, then says goodbye", async () => {
    const { node, until, happened, looks, recorded } = await begin({
      uid: "u1",
      access: (name) => memberOf(name, "u1"),
    });
    await until(["start"]);
    const key = recordKey("workload", "demo", node);
    await bus().put("placements", key, placedWorkload({ name: node, node, leaving: true }));
    await bus().put("access", nodeAccessKey(node), memberOf(node, "u1", removedAt));
    await eventually("a round of the removed agent", async () => looks() > 0);
    await bus().put("placements", key, placedWorkload({ name: node, node, leaving: true }));
    await eventually("another one", async () => looks() > 1);
    expect(happened).toEqual(["start"]);
    await bus().remove("placements", key);
    await until(["start", "stop", "leave"]);
    await eventually("its record is gone", async () => !recorded());
  });

  it("that was removed goes on while it holds a physical segment", async () => {
    const { node, until, happened, looks } = await begin({
      uid: "u1",
      access: (name) => memberOf(name, "u1"),
    });
    await until(["start"]);
    const key = uplinkKey("demo", "lan", node);
    await bus().put("realized", key, connected(node));
    await bus().put("access", nodeAccessKey(node), memberOf(node, "u1", removedAt));
    await eventually("a round of the removed agent", async () => looks() > 0);
    await bus().put("realized", key, connected(node));
    await eventually("another one", async () => looks() > 1);
    expect(happened).toEqual(["start"]);
    await bus().remove("realized", key);
    await until(["start", "stop", "leave"]);
  });

  it("whose name another host has got takes everything away and leaves the record alone", async () => {
    const { node, until, recorded } = await begin({ uid: "u1", access: (name) => memberOf(name, "u1") });
    await until(["start"]);
    await bus().put("access", nodeAccessKey(node), memberOf(node, "u2"));
    await until(["start", "stop", "clear", "leave"]);
    expect(recorded()).toBe(true);
  });

  it("that nobody let in does not begin", async () => {
    await (await begin({ uid: "u1" })).until(["clear", "leave"]);
    await service.stop();
    await (await begin({ access: (node) => memberOf(node, "u2") })).until(["clear", "leave"]);
  });

  it("begins as soon as it is let in", async () => {
    const { node, until } = await begin({ uid: "u1" });
    await until(["clear", "leave"]);
    await bus().put("access", nodeAccessKey(node), memberOf(node, "u1"));
    await until(["clear", "leave", "start"]);
  });
});
