/** The network that the stitcher asks for: topology, policies of chains, matches. How slots change hands: handover.test.ts. */
import { describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../admit/world.test-kit.ts";
import { desiredNetwork, planTenants } from "./desired-network.ts";
import type { RouterPolicy } from "./network.ts";
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
const policiesOf = (world: StitchWorld): readonly RouterPolicy[] =>
  desiredNetwork(planTenants(world.seen, now)).policies;

describe("a network with a physical segment", () => {
  const lan = (more: object = {}) => ({
    ...inside,
    spec: { ...inside.spec, uplink: { interface: "eth1", nodes: ["node-2"], ...more } },
  });
  const activated = (...documents: unknown[]) => {
    const world = new StitchWorld(...documents);
    const placements = new Map(world.seen.placements);
    const found = placements.get("demo.uplink.inside");
    if (found?.value.kind !== "uplink") throw new Error("there is no uplink");
    const active = { node: "node-2", chassis: "chassis-node-2" };
    placements.set("demo.uplink.inside", { ...found, value: { ...found.value, active } });
    world.seen.placements = placements;
    return world;
  };
  const portOf = (world: StitchWorld) =>
    desiredNetwork(planTenants(world.seen, now)).switchPorts.find(({ type }) => type === "l2gateway");

  it("has a port on the chassis that connects it, with the cable's VLAN", () => {
    expect(portOf(activated(lan({ vlan: 42 })))).toMatchObject({
      switch: "weft.demo.network.inside",
      addresses: ["unknown"],
      options: { network_name: "weft-eth1", "l2gateway-chassis": "chassis-node-2" },
      tag: 42,
    });
  });

  it("has none, and is not ready, while no node connects it", () => {
    const world = new StitchWorld(lan()).settle();
    expect(portOf(world)).toBeUndefined();
    expect(world.seen.stitched.get("demo.network.inside")?.value).toMatchObject({
      state: "waiting",
      message: "no node has the interface eth1 ready",
    });
  });

  it("is not ready before the chassis has taken the port up", () => {
    expect(activated(lan()).settle().seen.stitched.get("demo.network.inside")?.value).toMatchObject({
      state: "waiting",
      message: "node-2 has not taken up the uplink yet",
    });
  });
});

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
    const wanted = desiredNetwork(planTenants(world.seen, now));
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
