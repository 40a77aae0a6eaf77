/** What the stitcher decides: the network that is asked for, and how slots change hands without traffic for nobody. */
import { describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../admit/world.test-kit.ts";
import { desiredNetwork, planTenants } from "./desired-network.ts";
import type { RouterPolicy } from "./network.ts";
import type { StitchStep } from "./step.ts";
import { StitchWorld, now } from "./world.test-kit.ts";

const inside = network("inside", ["10.1.0.0/16", "fd00:1::/64"]);
const outside = network("outside", ["10.2.0.0/16", "fd00:2::/64"]);
const clients = [1, 2, 3].map((n) => workload(`client-${n}`, [{ network: "inside" }]));
const edge = (replicas: number) => [
  inside,
  outside,
  ...clients,
  group("fw", { replicas }),
  chain("edge", "inside", "outside", ["fw"]),
];
const kinds = (steps: readonly StitchStep[]) => new Set(steps.map(({ kind }) => kind));
const policiesOf = (world: StitchWorld): readonly RouterPolicy[] =>
  desiredNetwork(planTenants(world.seen)).policies;
const owned = (world: StitchWorld) => new Set(world.slots("fw")?.owners);

describe("a chain through one group", () => {
  const world = new StitchWorld(...edge(4)).shards("fw-0", "fw-1", "fw-2", "fw-3").settle();
  const policies = policiesOf(world);
  const at = (key: string) => policies.find((policy) => policy.key === `chain/demo/edge/0/${key}`);

  it("sends the clients of a slot to their shard's inner address", () => {
    expect(at("toServer/ip4/address/2/3")).toMatchObject({
      action: "reroute",
      match:
        'inport == "weft.demo.lrp.network.inside" && ip4.src == 10.1.0.2/255.255.0.3 && ip4.dst == 10.2.0.0/16',
      nexthops: ["100.64.0.4"],
    });
  });

  it("sends what comes back for them to the same shard's outer address", () => {
    expect(at("toClient/ip4/address/2/3")).toMatchObject({
      match:
        'inport == "weft.demo.lrp.network.outside" && ip4.dst == 10.1.0.2/255.255.0.3 && ip4.src == 10.2.0.0/16',
      nexthops: ["100.64.1.4"],
    });
  });

  it("does the same for IPv6", () => {
    expect(at("toServer/ip6/address/1/3")).toMatchObject({
      match:
        'inport == "weft.demo.lrp.network.inside" && ip6.src == fd00:1::1/ffff:ffff:ffff:ffff::3 && ip6.dst == fd00:2::/64',
      nexthops: ["fd77::3"],
    });
  });

  it("has a drop beneath, both ways and for both families, and isolation beneath that", () => {
    const drops = policies.filter(({ action }) => action === "drop");
    expect(drops.map(({ key }) => key).toSorted()).toEqual([
      "chain/demo/edge/0/toClient/ip4/beneath",
      "chain/demo/edge/0/toClient/ip6/beneath",
      "chain/demo/edge/0/toServer/ip4/beneath",
      "chain/demo/edge/0/toServer/ip6/beneath",
      "isolation/demo/inside/drop",
      "isolation/demo/outside/drop",
    ]);
    const reroutes = policies.filter(({ action }) => action === "reroute").map(({ priority }) => priority);
    const beneath = drops.filter(({ key }) => key.startsWith("chain")).map(({ priority }) => priority);
    const isolation = drops.filter(({ key }) => key.startsWith("isol")).map(({ priority }) => priority);
    expect(Math.min(...reroutes)).toBeGreaterThan(Math.max(...beneath));
    expect(Math.min(...beneath)).toBeGreaterThan(Math.max(...isolation));
  });

  it("has one switch for each network and side, one router, and a port for each interface", () => {
    const wanted = desiredNetwork(planTenants(world.seen));
    expect(wanted.switches.map(({ name }) => name)).toEqual([
      "weft.demo.network.inside",
      "weft.demo.network.outside",
      "weft.demo.inner.fw",
      "weft.demo.outer.fw",
    ]);
    expect(wanted.routerPorts.find(({ name }) => name === "weft.demo.lrp.inner.fw")).toMatchObject({
      mac: "0a:58:64:40:00:01",
      networks: ["100.64.0.1/24", "fd77::1/64"],
    });
    expect(wanted.switchPorts).toHaveLength(4 + 3 + 4 * 4);
    expect(wanted.switchPorts.find(({ name }) => name === "weft.demo.shard.fw-0.in0")).toMatchObject({
      switch: "weft.demo.inner.fw",
      addresses: ["0a:58:64:40:00:02 100.64.0.2 fd77::2"],
    });
  });

  it("tells what is in force", () => {
    expect(world.seen.stitched.get("demo.chain.edge")?.value).toMatchObject({
      state: "programmed",
      slots: { fw: 1 },
    });
    expect([...world.seen.stitched.values()].every(({ value }) => value.state === "programmed")).toBe(true);
  });
});

describe("what the match is made of", () => {
  const matches = (world: StitchWorld, key: RegExp) =>
    policiesOf(world)
      .filter((policy) => key.test(policy.key))
      .map(({ match }) => match);

  it("is bits 1 to 8 of the client's port for affinity connection, with the address beneath for the rest", () => {
    const documents = [
      network("inside", ["10.1.0.0/16"]),
      network("outside", ["10.2.0.0/16"]),
      group("fw", { replicas: 2, affinity: "connection" }),
      chain("edge", "inside", "outside", ["fw"], ["tcp", "icmp"]),
    ];
    const world = new StitchWorld(...documents).shards("fw-0", "fw-1");
    expect(matches(world, /toServer\/ip4\/port\/1/)).toEqual([
      'inport == "weft.demo.lrp.network.inside" && ip4.src == 10.1.0.0/16 && ip4.dst == 10.2.0.0/16 && !ip.is_frag && tcp.src == 0x2/0x2',
    ]);
    expect(matches(world, /toClient\/ip4\/port\/1/)[0]).toContain("tcp.dst == 0x2/0x2");
    expect(matches(world, /toServer\/ip4\/address\/1/)[0]).toContain("&& (icmp4 || tcp)");
    const priority = (key: RegExp) => policiesOf(world).find((policy) => key.test(policy.key))?.priority ?? 0;
    expect(priority(/toServer.*port/) - priority(/toServer.*address/)).toBe(1);
  });

  it("leaves out slots that a small network cannot have", () => {
    const documents = [
      network("inside", ["10.1.0.48/28"]),
      network("outside", ["10.2.0.0/16"]),
      group("fw", { replicas: 5 }),
      chain("edge", "inside", "outside", ["fw"]),
    ];
    const world = new StitchWorld(...documents).shards("fw-0", "fw-1", "fw-2", "fw-3", "fw-4");
    for (const match of matches(world, /toServer.*address/)) {
      const [, client] = /ip4\.src == (\S+)/.exec(match) ?? [];
      expect(client).toMatch(/^10\.1\.0\.(4[89]|5\d|6[0-3])\//);
    }
    expect(matches(world, /toServer.*address/).length).toBeGreaterThan(4);
  });
});

describe("a chain through two groups", () => {
  const documents = (onFailure: string) => [
    network("inside", ["10.1.0.0/16"]),
    network("outside", ["10.2.0.0/16"]),
    group("fw"),
    group("ids"),
    {
      ...chain("edge", "inside", "outside", ["fw", "ids"]),
      spec: { ...chain("edge", "inside", "outside", ["fw", "ids"]).spec, onFailure },
    },
  ];
  const hops = (world: StitchWorld, action: string) =>
    policiesOf(world)
      .filter(({ key, action: its }) => key.startsWith("chain") && its === action)
      .map(({ match, nexthops }) => `${/lrp\.(\S+)"/.exec(match)?.[1]} ${nexthops.join()}`.trim());

  it("goes from the first group's outer port to the second, and back in reverse", () => {
    const world = new StitchWorld(...documents("closed")).shards("fw-0", "ids-0");
    expect(hops(world, "reroute")).toEqual([
      "network.inside 100.64.0.2",
      "outer.fw 100.64.2.2",
      "network.outside 100.64.3.2",
      "inner.ids 100.64.1.2",
    ]);
    expect(hops(world, "drop")).toEqual(["network.inside", "outer.fw", "network.outside", "inner.ids"]);
  });

  it("passes round a group that fails open, the same way in both directions", () => {
    const world = new StitchWorld(...documents("open")).shards("fw-0");
    expect(hops(world, "reroute")).toEqual(["network.inside 100.64.0.2", "network.outside 100.64.1.2"]);
    expect(hops(world, "allow")).toEqual(["network.inside", "network.outside"]);
    expect(hops(new StitchWorld(...documents("open")), "allow")).toEqual([
      "network.inside",
      "network.outside",
    ]);
  });

  it("stops at a group that fails closed", () => {
    const world = new StitchWorld(...documents("closed")).shards("fw-0");
    expect(hops(world, "reroute")).toEqual(["network.inside 100.64.0.2", "inner.ids 100.64.1.2"]);
    expect(hops(world, "drop")).toHaveLength(4);
  });
});

describe("slots that change hands", () => {
  it("are written down first, programmed next, and owned once the chassis have followed", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(...edge(2)).settle();
    const before = world.slots("fw");
    const steps = world.shards("fw-1").round();
    expect(steps[0]?.kind).toBe("putSlots");
    expect(kinds(steps)).toContain("createPolicy");
    expect(world.slots("fw")).toMatchObject({
      version: before?.version,
      owners: before?.owners,
      handoffs: [{ from: "fw-0", to: "fw-1", phase: "switch", startedAt: now }],
    });
    expect(world.slots("fw")?.handoffs[0]?.slots).toHaveLength(128);
    expect(kinds(world.round())).not.toContain("putSlots");
    world.follow().settle();
    expect(owned(world)).toEqual(new Set(["fw-0", "fw-1"]));
    expect(world.slots("fw")?.handoffs).toEqual([]);
    expect(world.seen.stitched.get("demo.chain.edge")?.value).toMatchObject({
      state: "programmed",
      slots: { fw: (before?.version ?? 0) + 1 },
    });
  });

  it("are settled for a new target when the world changes meanwhile", () => {
    const world = new StitchWorld(...edge(3)).shards("fw-0").settle();
    world.shards("fw-1").round();
    world.shards("fw-2").round();
    world.fail("fw-1").round();
    world.settle();
    expect(owned(world)).toEqual(new Set(["fw-0", "fw-2"]));
  });

  it("hold a shard that was only to have them, until no chassis sends to it any more", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.frozen.add("node-1");
    world
      .apply(...edge(2))
      .shards("fw-1")
      .round();
    world
      .follow()
      .apply(...edge(1))
      .round();
    expect(world.slots("fw")?.handoffs.map(({ from, to }) => `${from} ${to}`)).toEqual(["fw-1 fw-0"]);
    world.frozen.clear();
    world.settle();
    expect(world.slots("fw")?.handoffs).toEqual([]);
    expect(owned(world)).toEqual(new Set(["fw-0"]));
  });

  it("stay with a shard that is leaving until no chassis sends to it", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0", "fw-1").settle();
    world.frozen.add("node-1");
    world.apply(...edge(1));
    for (let rounds = 0; rounds < 5; rounds += 1) {
      world.round();
      world.follow();
    }
    expect(owned(world)).toContain("fw-1");
    world.frozen.clear();
    world.follow().settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
  });

  it("do not wait for the chassis of a node that is lost", () => {
    const world = new StitchWorld(...edge(3)).shards("fw-0", "fw-1", "fw-2").settle();
    world.frozen.add("node-1");
    const gone = [...world.seen.placements.values()].flatMap(({ value }) =>
      value.kind === "shard" && value.node === "node-1" ? [value.name] : [],
    );
    world
      .loseNode("node-1")
      .fail(...gone)
      .settle();
    for (const name of gone) expect(owned(world)).not.toContain(name);
    expect(world.seen.stitched.get("demo.chain.edge")?.value.state).toBe("programmed");
  });

  it("stay where they are while nobody is ready, and with nobody when their shard is gone too", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.fail("fw-0").settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
    expect(world.seen.stitched.get("demo.chain.edge")?.value).toMatchObject({
      state: "waiting",
      message: "fw has no ready shard",
    });
    world.seen.placements = new Map([...world.seen.placements].filter(([key]) => key !== "demo.shard.fw-0"));
    world.settle();
    expect(owned(world)).toEqual(new Set([null]));
  });

  it("never go to a shard that is not ready, or whose verdict is about an earlier one", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0").settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
    const placement = world.seen.placements.get("demo.shard.fw-1");
    if (placement?.value.kind !== "shard") throw new Error("no such shard");
    world.shards("fw-1");
    const other = { ...placement, value: { ...placement.value, uid: "another" } };
    world.seen.placements = new Map([...world.seen.placements, ["demo.shard.fw-1", other]]);
    world.settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
  });
});

describe("things that go", () => {
  it("a chain leaves no policy of its own, and its record goes when the chassis have followed", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(inside, outside, ...clients, group("fw"));
    world.round();
    expect(world.seen.network.policies.filter(({ key }) => key.startsWith("chain"))).toEqual([]);
    world.round();
    expect(world.seen.stitched.has("demo.chain.edge")).toBe(true);
    world.follow().settle();
    expect(world.seen.stitched.has("demo.chain.edge")).toBe(false);
  });

  it("a group keeps its slots until no policy sends to its shards", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(inside, outside, ...clients);
    world.round();
    expect(world.slots("fw")).toBeDefined();
    world.follow().round();
    expect(world.slots("fw")).toBeUndefined();
  });

  it("everything goes with the last document", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0", "fw-1").settle();
    world.apply().settle();
    for (let rounds = 0; rounds < 3; rounds += 1) world.schedule().settle();
    expect(Object.values(world.seen.network).flat()).toEqual([]);
    expect(world.seen.stitched.size + world.seen.slots.size).toBe(0);
  });
});
