import type { Resource } from "@weft/schemas";
import { nodeHealthKey, recordKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { World, intent, shardKey, t0, t2 } from "./world.test-kit.ts";

describe("a world in which all is done", () => {
  it("has every resource ready, with what it is", () => {
    const world = World.ready();
    for (const [kind, name] of [
      ["Network", "inside"],
      ["FunctionGroup", "fw"],
      ["Chain", "edge"],
      ["Workload", "w"],
    ] as const)
      expect(world.ready(kind, name), name).toBe("True");
    expect(world.resource("FunctionGroup", "fw").status).toMatchObject({
      replicas: 2,
      ready: 2,
      draining: 0,
    });
    expect(world.resource("Workload", "w").status).toMatchObject({
      node: "node-1",
      addresses: ["10.1.0.2/16"],
      restarts: 0,
    });
    expect(world.resource("Network", "inside").status).toMatchObject({ workloads: 1 });
    expect(world.resource("Chain", "edge").status).toMatchObject({ groups: [{ name: "fw", ready: 2 }] });
  });

  it("gives the resource as it was asked for, with its revision", () => {
    const { metadata, spec } = World.ready().resource("Network", "inside");
    expect(metadata).toEqual({
      name: "inside",
      tenant: "demo",
      uid: "uid-inside",
      generation: 1,
      revision: 1,
      createdAt: t0,
    });
    expect(spec).toEqual({ subnets: ["10.1.0.0/16"], mtu: 1400 });
  });

  it("says since when, by the last thing that it waited for", () => {
    const [condition] = World.ready()
      .change("stitched", recordKey("chain", "demo", "edge"), { at: t2 })
      .resource("Chain", "edge").status.conditions;
    expect(condition?.since).toBe(t2);
  });
});

describe("a resource that is not ready says the first reason", () => {
  const cases: [
    claim: string,
    kind: Resource["kind"],
    name: string,
    change: (world: World) => World,
    says: string,
  ][] = [
    [
      "network without a record",
      "Network",
      "inside",
      (w) => w.drop("stitched", recordKey("network", "demo", "inside")),
      "NotStitched: the network-stitcher has not taken up this network yet",
    ],
    [
      "network of an earlier uid",
      "Network",
      "inside",
      (w) => w.stitched("network", "inside", "uid-old"),
      "NotStitched",
    ],
    [
      "network that waits",
      "Network",
      "inside",
      (w) =>
        w.stitched("network", "inside", "uid-inside", {
          state: "waiting",
          message: "node-2 has not applied it",
        }),
      "Stitching: node-2 has not applied it",
    ],
    [
      "network of an old generation",
      "Network",
      "inside",
      (w) => w.change("intents", intent("Network", "inside"), { generation: 2 }),
      "Updating: the network still has generation 1, 2 is wanted",
    ],
    [
      "workload that nobody placed",
      "Workload",
      "w",
      (w) =>
        w
          .drop("placements", recordKey("workload", "demo", "w"))
          .drop("nodes", "_.node-1")
          .drop("nodes", "_.node-2"),
      "NoNode: no node has joined yet",
    ],
    [
      "workload that is not started",
      "Workload",
      "w",
      (w) => w.drop("realized", recordKey("workload", "demo", "w")),
      "NotStarted: the agent of node-1 has not started it yet",
    ],
    [
      "workload that is being made",
      "Workload",
      "w",
      (w) => w.change("realized", recordKey("workload", "demo", "w"), { state: "creating" }),
      "Creating",
    ],
    [
      "workload that ended",
      "Workload",
      "w",
      (w) => w.change("realized", recordKey("workload", "demo", "w"), { state: "exited", exitCode: 3 }),
      "Exited: its command exited with 3 on node-1",
    ],
    [
      "workload without its image",
      "Workload",
      "w",
      (w) =>
        w.change("realized", recordKey("workload", "demo", "w"), {
          state: "failed",
          fault: { code: "image-missing", message: "there is no image x:y" },
        }),
      "ImageMissing: there is no image x:y",
    ],
    [
      "workload without ports",
      "Workload",
      "w",
      (w) => w.drop("stitched", recordKey("workload", "demo", "w")),
      "NotStitched",
    ],
    [
      "workload on a lost node",
      "Workload",
      "w",
      (w) => w.change("health", nodeHealthKey("node-1"), { state: "lost" }),
      "NodeLost: node-1 is lost",
    ],
    [
      "group without a place",
      "FunctionGroup",
      "fw",
      (w) =>
        w
          .drop("nodes", "_.node-1")
          .drop("nodes", "_.node-2")
          .drop("placements", shardKey(1))
          .put("placements", recordKey("group", "demo", "fw"), {
            kind: "group",
            tenant: "demo",
            name: "fw",
            intentUid: "uid-fw",
            index: 0,
            affinity: "client",
            inner: ["100.64.0.0/24"],
            outer: ["100.64.1.0/24"],
            mtu: 1400,
          }),
      "NoNode",
    ],
    [
      "group scaled, not yet placed",
      "FunctionGroup",
      "fw",
      (w) => scaled(w, 4),
      "Scheduling: 2 of 4 shards placed",
    ],
    [
      "group told of no change yet",
      "FunctionGroup",
      "fw",
      (w) => w.change("intents", intent("FunctionGroup", "fw"), { generation: 2 }),
      "Updating: 0 of 2 shards ready; fw-0: it still has generation 1",
    ],
    [
      "shard whose old configuration runs",
      "FunctionGroup",
      "fw",
      (w) =>
        w
          .change("intents", intent("FunctionGroup", "fw"), { generation: 2 })
          .change("placements", shardKey(0), { generation: 2 })
          .change("placements", shardKey(1), { generation: 2 }),
      "Updating: 0 of 2 shards ready; fw-0: it still runs generation 1, 2 is wanted",
    ],
    [
      "shard whose configuration is refused",
      "FunctionGroup",
      "fw",
      (w) =>
        w
          .change("intents", intent("FunctionGroup", "fw"), { generation: 2 })
          .change("placements", shardKey(0), { generation: 2 })
          .change("realized", shardKey(0), {
            fault: { code: "config-refused", message: "nft: syntax error" },
          }),
      "ConfigRefused: 0 of 2 shards ready; fw-0: nft: syntax error",
    ],
    [
      "shard without a probe",
      "FunctionGroup",
      "fw",
      (w) => w.change("health", shardKey(1), { state: "starting" }),
      "ProbePending: 1 of 2 shards ready; fw-1: its probe has not passed through it yet",
    ],
    [
      "shard that failed",
      "FunctionGroup",
      "fw",
      (w) =>
        w.change("health", shardKey(1), {
          state: "failed",
          reason: "ProbeLost",
          message: "no probe for 3 s",
        }),
      "ProbeLost: 1 of 2 shards ready; fw-1: no probe for 3 s",
    ],
    [
      "verdict on an earlier shard",
      "FunctionGroup",
      "fw",
      (w) => w.change("health", shardKey(1), { placementUid: "old" }),
      "ProbePending",
    ],
    [
      "shard without slots",
      "FunctionGroup",
      "fw",
      (w) => w.slots(["fw-0"], 4),
      "NoSlots: fw-1 owns no slots yet",
    ],
    [
      "slots of an earlier group",
      "FunctionGroup",
      "fw",
      (w) => w.slots(["fw-0", "fw-1"], 4, { groupUid: "old" }),
      "NoSlots: fw-0, fw-1 owns no slots yet",
    ],
    ["shard too many", "FunctionGroup", "fw", (w) => scaled(w, 1), "ScalingIn: 1 shard too many"],
    [
      "shard that drains",
      "FunctionGroup",
      "fw",
      (w) => w.shard(2, { leaving: true }).slots(["fw-0", "fw-1", "fw-2", "fw-0"], 4),
      "Draining: fw-2 is leaving: it owns 64 slots yet",
    ],
    [
      "chain to a missing network",
      "Chain",
      "edge",
      (w) => w.drop("intents", intent("Network", "outside")),
      "NetworkMissing: there is no network outside",
    ],
    [
      "chain through a missing group",
      "Chain",
      "edge",
      (w) => w.drop("intents", intent("FunctionGroup", "fw")),
      "GroupMissing: there is no function group fw",
    ],
    [
      "chain without a ready shard",
      "Chain",
      "edge",
      (w) => w.drop("health", shardKey(0)).drop("health", shardKey(1)),
      "NoReadyShard: fw has no ready shard",
    ],
    [
      "chain with old slots",
      "Chain",
      "edge",
      (w) => w.slots(["fw-0", "fw-1"], 4),
      "Stitching: the network has slots 3 of fw, 4 is wanted",
    ],
    [
      "chain that waits for a chassis",
      "Chain",
      "edge",
      (w) =>
        w.stitched("chain", "edge", "uid-edge", { state: "waiting", message: "node-2 has not applied it" }),
      "Stitching: node-2 has not applied it",
    ],
  ];
  it.each(cases)("%s", (_claim, kind, name, change, says) => {
    expect(change(World.ready()).ready(kind, name)).toContain(says);
  });
});

function scaled(world: World, replicas: number): World {
  const key = intent("FunctionGroup", "fw");
  const document = {
    ...world.resource("FunctionGroup", "fw"),
    spec: { ...world.resource("FunctionGroup", "fw").spec, replicas },
  };
  return world.change("intents", key, { document }).put("placements", recordKey("group", "demo", "fw"), {
    kind: "group",
    tenant: "demo",
    name: "fw",
    intentUid: "uid-fw",
    index: 0,
    affinity: "client",
    inner: ["100.64.0.0/24"],
    outer: ["100.64.1.0/24"],
    mtu: 1400,
  });
}
