import type { PlacementRecord, ShardPlacement, WorkloadPlacement } from "@weft/schemas";
import { PlacementRecord as Placement } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { group, network, workload } from "../admit/world.test-kit.ts";
import { unplacedOf } from "./decide-schedule.ts";
import { askedWorld, settledWorld, stepsOf } from "./settled-world.test-kit.ts";
import { SimulatedWorld } from "./simulated-world.test-kit.ts";

const inside = network("inside", ["10.1.0.0/16", "fd00:1::/64"]);
const outside = network("outside", ["10.2.0.0/16"]);

const settled = (...documents: unknown[]) => settledWorld(inside, outside, ...documents);

function placement(made: SimulatedWorld, key: string): PlacementRecord {
  const found = made.placements.get(`demo.${key}`);
  if (found === undefined) throw new Error(`${key} is not placed`);
  return Placement.parse(found.value); // what is decided fits the schema of the record
}
function shard(made: SimulatedWorld, name: string): ShardPlacement {
  const found = placement(made, `shard.${name}`);
  if (found.kind !== "shard") throw new Error(`${name} is no shard`);
  return found;
}
function host(made: SimulatedWorld, name: string): WorkloadPlacement {
  const found = placement(made, `workload.${name}`);
  if (found.kind !== "workload") throw new Error(`${name} is no workload`);
  return found;
}
function shardNodes(made: SimulatedWorld): Record<string, string> {
  return Object.fromEntries(
    [...made.placements.values()].flatMap(({ value }) =>
      value.kind === "shard" ? [[value.name, value.node]] : [],
    ),
  );
}

const whyUnplaced = (seen: Parameters<typeof unplacedOf>[0], kind: string, name: string) =>
  unplacedOf(seen).find((each) => each.kind === kind && each.tenant === "demo" && each.name === name);

describe("shards find their nodes", () => {
  it("one after the other over the nodes, by name where all else is equal", () => {
    expect(shardNodes(settled(group("fw", { replicas: 4 })))).toEqual({
      "fw-0": "node-1",
      "fw-1": "node-2",
      "fw-2": "node-3",
      "fw-3": "node-1",
    });
  });

  it("where the most CPU is free among nodes with as few shards of the group", () => {
    const made = settled(group("big", { replicas: 1, resources: { cpu: "2" } }));
    made.apply(group("fw", { replicas: 2 }));
    made.settle();
    expect(shardNodes(made)).toEqual({ "big-0": "node-1", "fw-0": "node-2", "fw-1": "node-3" });
  });

  it("not on a node that is lost or has no such runtime", () => {
    const made = askedWorld(group("fw", { replicas: 2 }));
    made.lose("node-1");
    made.node("node-2", { runtimes: ["namespace"] });
    made.settle();
    expect(shardNodes(made)).toEqual({ "fw-0": "node-3", "fw-1": "node-3" });
  });

  it("and where none has room they wait, and the reason is known", () => {
    const made = settled(group("fw", { replicas: 4, resources: { cpu: "2.5" } }));
    expect(Object.keys(shardNodes(made))).toHaveLength(3);
    expect(whyUnplaced(made, "FunctionGroup", "fw")).toEqual({
      kind: "FunctionGroup",
      tenant: "demo",
      name: "fw",
      reason: "NoRoom",
      message:
        "1 of 4 shards have no place: node-1: needs 2.5 cores, 1.5 are free; node-2: needs 2.5 cores, 1.5 are free; node-3: needs 2.5 cores, 1.5 are free",
    });
  });

  it("and say so when there is no node at all", () => {
    const made = new SimulatedWorld();
    made.apply(group("fw"));
    expect(whyUnplaced(made, "FunctionGroup", "fw")?.reason).toBe("NoNode");
  });
});

describe("a group of one shard", () => {
  const made = settled(
    group("a"),
    group("fw", { resources: { cpu: "500m", memory: "128Mi", bandwidth: "50Mbit" } }),
  );

  it("has the subnets of its number", () => {
    expect(placement(made, "group.fw")).toMatchObject({
      index: 1,
      inner: ["100.64.2.0/24", "fd77:0:0:2::/64"],
      outer: ["100.64.3.0/24", "fd77:0:0:3::/64"],
      affinity: "client",
      mtu: 1400,
    });
  });

  it("has a shard with an interface on each side", () => {
    expect(shard(made, "fw-0").interfaces).toEqual([
      {
        name: "in0",
        port: "weft.demo.shard.fw-0.in0",
        segment: { kind: "inner", name: "fw" },
        mac: "0a:58:64:40:02:02",
        addresses: ["100.64.2.2/24", "fd77:0:0:2::2/64"],
        mtu: 1400,
      },
      {
        name: "out0",
        port: "weft.demo.shard.fw-0.out0",
        segment: { kind: "outer", name: "fw" },
        mac: "0a:58:64:40:03:02",
        addresses: ["100.64.3.2/24", "fd77:0:0:3::2/64"],
        mtu: 1400,
      },
    ]);
  });

  it("routes by the interface of arrival, and its own packets to the servers' side", () => {
    const routes = shard(made, "fw-0").routes.map(
      ({ to, via, interface: out, arrivedOn }) => `${arrivedOn ?? "own"}: ${to} via ${via ?? "link"} ${out}`,
    );
    expect(routes).toEqual([
      "in0: 100.64.3.0/24 via link out0",
      "in0: default4 via 100.64.3.1 out0",
      "in0: fd77:0:0:3::/64 via link out0",
      "in0: default6 via fd77:0:0:3::1 out0",
      "out0: 100.64.2.0/24 via link in0",
      "out0: default4 via 100.64.2.1 in0",
      "out0: fd77:0:0:2::/64 via link in0",
      "out0: default6 via fd77:0:0:2::1 in0",
      "own: default4 via 100.64.3.1 out0",
      "own: default6 via fd77:0:0:3::1 out0",
    ]);
  });

  it("is probed by two hosts that meet only through it", () => {
    expect(shard(made, "fw-0").probe).toMatchObject({
      inner: { port: "weft.demo.shard.fw-0.probe-in", addresses: ["100.64.2.128/32", "fd77:0:0:2::80/128"] },
      innerRoutes: [
        { to: "100.64.3.128", via: "100.64.2.2", interface: "probe-in" },
        { to: "fd77:0:0:3::80", via: "fd77:0:0:2::2", interface: "probe-in" },
      ],
      outerRoutes: [
        { to: "100.64.2.128", via: "100.64.3.2", interface: "probe-out" },
        { to: "fd77:0:0:2::80", via: "fd77:0:0:3::2", interface: "probe-out" },
      ],
      targets: ["100.64.3.128", "fd77:0:0:3::80"],
    });
  });

  it("carries resources in base units and all networks of the tenant", () => {
    expect(shard(made, "fw-0").resources).toEqual({ cpu: 0.5, memory: 134_217_728, bandwidth: 50_000_000 });
    expect(shard(made, "fw-0").networks).toEqual({
      inside: ["10.1.0.0/16", "fd00:1::/64"],
      outside: ["10.2.0.0/16"],
    });
  });
});

describe("a group changes", () => {
  it("scaled in where no flows are known, the highest index goes first, and is forgotten only when nothing of it is left", () => {
    const made = settled(group("fw", { replicas: 3 }));
    made.apply(group("fw", { replicas: 1 }));
    expect(stepsOf(made).filter((step) => step.startsWith("leave"))).toEqual([
      "leave demo.shard.fw-2",
      "leave demo.shard.fw-1",
    ]);
    made.act("scheduler");
    expect(stepsOf(made)).toEqual([]); // they still run
    made.act("stitcher");
    made.act("agents");
    expect(stepsOf(made)).toEqual(["forget demo.shard.fw-1", "forget demo.shard.fw-2"]);
  });

  it("a shard that owns slots is not forgotten, even when nothing of it runs", () => {
    const made = settled(group("fw", { replicas: 1 }));
    made.remove(group("fw"));
    made.act("scheduler");
    made.realized.clear();
    expect(stepsOf(made)).toEqual([]);
    made.slots.clear();
    expect(stepsOf(made)).toEqual(["forget demo.shard.fw-0"]);
    made.act("scheduler");
    expect(stepsOf(made)).toEqual(["forget demo.group.fw"]);
  });

  it("scaled out again at once with another image, the new shard takes no number of one that is leaving", () => {
    const made = settled(group("fw", { replicas: 2 }));
    made.apply(group("fw", { replicas: 1 }));
    made.act("scheduler");
    made.apply(group("fw", { replicas: 2, image: "other:1" }));
    expect(stepsOf(made)).toContain("placeShard demo.shard.fw-2");
  });

  it("a new network is told to every shard", () => {
    const made = settled(group("fw"));
    made.apply(network("third", ["10.3.0.0/16"]));
    expect(stepsOf(made)).toEqual(["changePlacement demo.shard.fw-0"]);
  });

  it("deleted and given anew, the old shards go before new ones come", () => {
    const made = settled(group("fw"));
    const { uid } = shard(made, "fw-0");
    made.remove(group("fw"));
    made.apply(group("fw"));
    expect(stepsOf(made)).toEqual(["leave demo.shard.fw-0"]);
    expect(whyUnplaced(made, "FunctionGroup", "fw")?.reason).toBe("OldLeaving");
    made.slots.clear();
    made.settle();
    expect(shard(made, "fw-0").uid).not.toBe(uid);
  });
});

describe("workloads", () => {
  it("are spread over the nodes unless they name one", () => {
    const made = settled(
      workload("a", [{ network: "inside" }]),
      workload("b", [{ network: "inside" }]),
      workload("c", [{ network: "inside" }], { node: "node-1" }),
      workload("d", [{ network: "inside" }]),
    );
    const nodes = ["a", "b", "c", "d"].map((name) => host(made, name).node);
    expect(nodes).toEqual(["node-1", "node-2", "node-1", "node-3"]);
  });

  it("get given or the lowest free addresses, one of each family, and a default route", () => {
    const made = settled(
      workload("a", [{ network: "inside" }, { network: "outside" }]),
      workload("b", [{ network: "inside", address: "10.1.0.2" }]),
    );
    expect(host(made, "a")).toMatchObject({
      interfaces: [
        { name: "net0", port: "weft.demo.workload.a.net0", addresses: ["10.1.0.3/16", "fd00:1::2/64"] },
        { name: "net1", addresses: ["10.2.0.2/16"], mac: "0a:58:0a:02:00:02" },
      ],
      routes: [
        { to: "default4", via: "10.1.0.1", interface: "net0" },
        { to: "default6", via: "fd00:1::1", interface: "net0" },
      ],
    });
    expect(host(made, "b").interfaces[0]?.addresses).toEqual(["10.1.0.2/16", "fd00:1::3/64"]);
  });

  it("wait for a node that is not there", () => {
    const made = settled(workload("a", [{ network: "inside" }], { node: "node-9" }));
    expect(whyUnplaced(made, "Workload", "a")).toMatchObject({
      reason: "NodeMissing",
      message: "there is no node node-9",
    });
  });

  it("wait when their network is full", () => {
    const tiny = network("tiny", ["10.9.0.0/30"]);
    const made = settled(tiny, workload("a", [{ network: "tiny" }]), workload("b", [{ network: "tiny" }]));
    expect(host(made, "a").interfaces[0]?.addresses).toEqual(["10.9.0.2/30"]);
    expect(whyUnplaced(made, "Workload", "b")?.reason).toBe("NoAddressLeft");
  });

  it("that changed leave first, and come again under their name when the old one is gone", () => {
    const made = settled(workload("a", [{ network: "inside" }], { command: ["sleep", "1"] }));
    made.apply(workload("a", [{ network: "inside" }], { command: ["sleep", "2"] }));
    expect(stepsOf(made)).toEqual(["leave demo.workload.a"]);
    made.act("scheduler");
    expect(stepsOf(made)).toEqual([]);
    made.act("agents");
    expect(stepsOf(made)).toEqual(["forget demo.workload.a"]);
    made.act("scheduler");
    expect(stepsOf(made)).toEqual(["placeWorkload demo.workload.a"]);
  });

  it("stay where they are when their document names that very node", () => {
    const made = settled(workload("a", [{ network: "inside" }]));
    made.apply(workload("a", [{ network: "inside" }], { node: "node-1" }));
    expect(stepsOf(made)).toEqual(["changePlacement demo.workload.a"]);
    made.settle();
    expect(host(made, "a").generation).toBe(2);
  });

  it("may exchange their addresses", () => {
    const at = (name: string, address: string) => workload(name, [{ network: "outside", address }]);
    const made = settled(at("a", "10.2.0.5"), at("b", "10.2.0.6"));
    made.apply(at("a", "10.2.0.6"));
    made.apply(at("b", "10.2.0.5"));
    made.settle();
    expect(host(made, "a").interfaces[0]?.addresses).toEqual(["10.2.0.6/16"]);
  });
});
