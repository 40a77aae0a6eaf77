import type { NodeRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { admit } from "../admit/index.ts";
import { canonicalText } from "../admit/canonical.ts";
import { known } from "../admit/world.test-kit.ts";
import { planSteps } from "./plan.ts";
import { settle } from "./settle.ts";
import type { PlanRecords } from "./simulated-world.ts";
import { simulatedWorld } from "./simulated-world.ts";

const now = "2030-01-01T00:00:00.000Z";
const agents = { now, nowMs: Date.parse(now), configText: canonicalText };
const functions = [{ name: "firewall", runtimes: ["docker", "namespace"] as const }];
const metadata = (name: string) => ({ name, tenant: "demo" });
const network = (name: string, subnet: string) => ({
  kind: "Network",
  metadata: metadata(name),
  spec: { subnets: [subnet] },
});
const group = (replicas: number, config: object = {}) => ({
  kind: "FunctionGroup",
  metadata: metadata("fw"),
  spec: { function: "firewall", replicas, config },
});
const chain = {
  kind: "Chain",
  metadata: metadata("edge"),
  spec: { from: "inside", to: "outside", through: ["fw"] },
};
const client = {
  kind: "Workload",
  metadata: metadata("client"),
  spec: { command: ["sleep"], networks: [{ network: "inside" }] },
};
const all = [network("inside", "10.1.0.0/16"), network("outside", "10.2.0.0/16"), client, group(1), chain];

const uplinked = (subnet: string) => ({
  kind: "Network",
  metadata: metadata("lan"),
  spec: { subnets: [subnet], uplink: { interface: "eth1", nodes: ["node-2"] } },
});

/** Three nodes on which these documents run. */
function running(...documents: unknown[]): PlanRecords {
  const nodes = ["node-1", "node-2", "node-3"].map(
    (name): [string, { value: NodeRecord; revision: number }] => [
      name,
      {
        revision: 1,
        value: {
          name,
          address: "192.0.2.1",
          chassis: name,
          runtimes: ["docker", "namespace"],
          capacity: { cpu: 8, memory: 2 ** 34 },
          datapath: "netdev",
          ovsVersion: "3.1",
          incarnation: "1",
          startedAt: now,
        },
      },
    ],
  );
  const empty = {
    placements: new Map(),
    realized: new Map(),
    slots: new Map(),
    stitched: new Map(),
    health: new Map(),
    access: new Map(),
    shims: new Map(),
  };
  const world = simulatedWorld({ ...empty, intents: known(...documents), nodes: new Map(nodes) });
  settle(world, agents);
  const { intents, placements, realized, slots, stitched, health, nodes: on, access, shims } = world;
  return { intents, placements, realized, slots, stitched, health, nodes: on, access, shims };
}

function plan(
  records: PlanRecords,
  request: { apply?: unknown[]; remove?: [kind: "Chain", name: string][] },
) {
  const { findings, writes } = admit({
    documents: request.apply ?? [],
    deletions: (request.remove ?? []).map(([kind, name]) => ({ kind, name, tenant: "demo" })),
    intents: records.intents,
    functions,
  });
  expect(findings).toEqual([]);
  return planSteps({ ...agents, records, writes });
}

function told(steps: ReturnType<typeof planSteps>): Set<string> {
  return new Set(steps.map(({ service, kind, concerns }) => `${service} ${kind} ${concerns}`));
}

describe("the plan of a request", () => {
  it("is empty when nothing changes", () => {
    expect(plan(running(...all), { apply: all })).toEqual([]);
  });

  it("leaves the records as they were", () => {
    const records = running(...all);
    const before = JSON.stringify(Object.values(records).map((bucket) => [...bucket]));
    plan(records, { apply: [group(4)] });
    expect(JSON.stringify(Object.values(records).map((bucket) => [...bucket]))).toBe(before);
  });

  it("makes a first world from nothing, each service with its part", () => {
    const steps = plan(running(), { apply: all });
    expect([...told(steps)]).toEqual(
      expect.arrayContaining([
        "intent createDocument network/inside",
        "scheduler placeGroup functiongroup/fw",
        "scheduler placeShard shard/fw-0",
        "agent createHolder workload/client",
        "agent loadConfig shard/fw-0",
        "network-stitcher createSwitch network/inside",
        "network-stitcher createPolicy chain/edge",
        "network-stitcher putSlots functiongroup/fw",
        "network-stitcher putStitched chain/edge",
      ]),
    );
    expect(steps.every(({ why, tenant }) => why !== "" && tenant === "demo")).toBe(true);
  });

  it("of a scale from one to four touches nothing but three new shards, their group and its chain", () => {
    const steps = plan(running(...all), { apply: [group(4)] });
    const concerned = new Set(steps.map(({ concerns }) => concerns));
    const expected = [
      "chain/edge",
      "functiongroup/fw",
      "shard/fw-0",
      "shard/fw-1",
      "shard/fw-2",
      "shard/fw-3",
    ];
    expect([...concerned].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(expected);
    const placed = steps.filter(({ kind }) => kind === "placeShard").map(({ concerns }) => concerns);
    expect(placed).toEqual(["shard/fw-1", "shard/fw-2", "shard/fw-3"]);
    const started = steps.filter(({ kind }) => kind === "startInstance").map(({ node }) => node);
    expect(new Set(started).size).toBe(3);
  });

  it("of a changed rule loads the configuration again and moves nothing", () => {
    const steps = plan(running(...all), { apply: [group(1, { default: "drop" })] });
    expect(told(steps)).toEqual(
      new Set([
        "intent changeDocument functiongroup/fw",
        "scheduler changePlacement shard/fw-0",
        "scheduler changePlacement functiongroup/fw", // that all its shards are ready with it
        "agent loadConfig shard/fw-0",
        "agent putRealized shard/fw-0",
        "network-stitcher putStitched shard/fw-0",
      ]),
    );
  });

  it("of a new image has each new shard before an old one leaves, one after the other", () => {
    const image = { ...group(3), spec: { ...group(3).spec, image: "other:1" } };
    const steps = plan(running(...all.filter((one) => one !== all[3]), group(3)), { apply: [image] });
    const shards = steps.filter(({ kind }) => kind === "placeShard" || kind === "leave");
    expect(shards.map(({ kind, concerns }) => `${kind} ${concerns}`)).toEqual([
      "placeShard shard/fw-3",
      "leave shard/fw-2",
      "placeShard shard/fw-4",
      "leave shard/fw-1",
      "placeShard shard/fw-5",
      "leave shard/fw-0",
    ]);
  });

  it("of a deletion takes its policies away, and keeps what it passed", () => {
    const steps = plan(running(...all), { remove: [["Chain", "edge"]] });
    expect(told(steps)).toEqual(
      new Set([
        "intent deleteDocument chain/edge",
        "network-stitcher deletePolicy chain/edge",
        "network-stitcher removeStitched chain/edge",
      ]),
    );
  });

  it("of a physical segment has its node's bridge and the port on its chassis, and nothing once they are there", () => {
    const lan = uplinked("10.9.0.0/16");
    const steps = plan(running(...all), { apply: [lan] });
    expect([...told(steps)]).toEqual(
      expect.arrayContaining([
        "scheduler placeUplink network/lan",
        "agent makeBridge node/node-2",
        "agent mapNetwork node/node-2",
        "agent putRealized network/lan",
        "network-stitcher createSwitchPort network/lan",
      ]),
    );
    expect(plan(running(...all, lan), { apply: [lan] })).toEqual([]);
  });

  it("has nothing of what would happen anyhow", () => {
    const records = running(...all);
    const behind = { ...records, realized: new Map(), stitched: new Map() };
    expect(told(plan(behind, { remove: [["Chain", "edge"]] }))).toEqual(
      told(plan(records, { remove: [["Chain", "edge"]] })),
    );
  });
});
