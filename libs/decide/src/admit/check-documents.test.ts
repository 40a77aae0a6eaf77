import { describe, expect, it } from "vitest";
import { apply, faults, inside, outside, six } from "./requests.test-kit.ts";
import { chain, group, known, network, workload } from "./world.test-kit.ts";

describe("a network does not fit", () => {
  const cases: [string, unknown[], string[]][] = [
    [
      "it touches the shards' range",
      [network("a", ["100.64.0.0/24"])],
      ["documents[0].spec.subnets[0]: overlaps 100.64.0.0/10, which is reserved: Weft's own, for shards"],
    ],
    [
      "it surrounds the shards' range",
      [network("a", ["fd00::/8"])],
      ["documents[0].spec.subnets[0]: overlaps fd77::/16, which is reserved: Weft's own, for shards"],
    ],
    [
      "it is loopback",
      [network("a", ["127.0.0.0/8"])],
      ["documents[0].spec.subnets[0]: overlaps 127.0.0.0/8, which is reserved: loopback"],
    ],
    [
      "it has two subnets of a family",
      [network("a", ["10.1.0.0/24", "10.2.0.0/24"])],
      ["documents[0].spec.subnets[1]: is a second IPv4 subnet: a network has at most one of each family"],
    ],
    [
      "it has no room for a host",
      [network("a", ["10.1.0.0/31"]), network("b", ["fd00::/127"])],
      [
        "documents[0].spec.subnets[0]: is too small for a router and a host: the longest prefix is /30",
        "documents[1].spec.subnets[0]: is too small for a router and a host: the longest prefix is /126",
      ],
    ],
    [
      "it overlaps another in the request",
      [inside, network("b", ["10.1.128.0/24"])],
      [
        "documents[0].spec.subnets[0]: overlaps 10.1.128.0/24 of the network b",
        "documents[1].spec.subnets[0]: overlaps 10.1.0.0/16 of the network inside",
      ],
    ],
  ];
  it.each(cases)("%s", (_, documents, expected) => {
    expect(faults(apply(documents))).toEqual(expected);
  });

  it.each([
    [
      "it has a cable that joins another network",
      {},
      "demo",
      ["the interface eth1 of node-2 already joins the network lan"],
    ],
    ["it has a VLAN of its own", { vlan: 7 }, "demo", []],
    ["it has the same name of a cable on other nodes", { nodes: ["node-9"] }, "demo", []],
    [
      "it has a cable of another tenant's network",
      {},
      "other",
      ["the interface eth1 of node-2 already joins the network lan of the tenant demo"],
    ],
  ])("%s", (_, more, tenant, expected) => {
    const uplink = { interface: "eth1", nodes: ["node-2", "node-1"] };
    const lan = network("lan", ["10.1.0.0/16"]);
    const taken = known({ ...lan, spec: { ...lan.spec, uplink } });
    const own = network("b", ["10.3.0.0/16"], tenant);
    const asked = { ...own, spec: { ...own.spec, uplink: { ...uplink, ...more } } };
    const path = "documents[0].spec.uplink: ";
    expect(faults(apply([asked], { intents: taken }))).toEqual(expected.map((words) => path + words));
  });

  it("it overlaps one that is there", () => {
    const admission = apply([network("b", ["10.0.0.0/8"])], { intents: known(inside) });
    expect(faults(admission)).toEqual([
      "documents[0].spec.subnets[0]: overlaps 10.1.0.0/16 of the network inside",
    ]);
  });

  it("but may have the subnet of another tenant's network", () => {
    expect(faults(apply([network("inside", ["10.1.0.0/16"], "other")], { intents: known(inside) }))).toEqual(
      [],
    );
  });

  it("but may take the subnet that another one gives up in the same request", () => {
    const documents = [network("inside", ["10.9.0.0/16"]), network("b", ["10.1.0.0/16"])];
    expect(faults(apply(documents, { intents: known(inside) }))).toEqual([]);
  });
});

describe("a workload does not fit", () => {
  const at = (address: string, name = "w") => workload(name, [{ network: "inside", address }]);
  const cases: [string, unknown[], string[]][] = [
    [
      "its network is missing",
      [workload("w", [{ network: "nowhere" }])],
      ["documents[0].spec.networks[0].network: there is no network nowhere in the tenant demo"],
    ],
    [
      "its address is elsewhere",
      [inside, at("10.2.0.9")],
      ["documents[1].spec.networks[0].address: is not in the network's subnets: 10.1.0.0/16"],
    ],
    [
      "its address is the router's",
      [inside, at("10.1.0.1")],
      ["documents[1].spec.networks[0].address: is the router's address"],
    ],
    [
      "its address is the subnet's",
      [inside, at("10.1.0.0")],
      ["documents[1].spec.networks[0].address: is the subnet's own address"],
    ],
    [
      "its address is the broadcast",
      [inside, at("10.1.255.255")],
      ["documents[1].spec.networks[0].address: is the broadcast address"],
    ],
    [
      "two want one address",
      [inside, at("10.1.0.9", "a"), at("10.1.0.9", "b")],
      [
        "documents[1].spec.networks[0].address: is the address of the workload b already",
        "documents[2].spec.networks[0].address: is the address of the workload a already",
      ],
    ],
  ];
  it.each(cases)("%s", (_, documents, expected) => {
    expect(faults(apply(documents))).toEqual(expected);
  });

  it("its address is taken by one that is there, in another spelling", () => {
    const intents = known(six, workload("a", [{ network: "six", address: "fd00:6::9" }]));
    const taker = workload("b", [{ network: "six", address: "FD00:6:0::0009" }]);
    expect(faults(apply([taker], { intents }))).toEqual([
      "documents[0].spec.networks[0].address: is the address of the workload a already",
    ]);
  });
});

describe("a group or chain does not fit", () => {
  const fw = group("fw");
  const cases: [string, unknown[], string[]][] = [
    [
      "the function is unknown",
      [group("fw", { function: "firewal" })],
      ["documents[0].spec.function: firewal is no function known here; known are firewall, ids"],
    ],
    [
      "the runtime is not the function's",
      [group("fw", { function: "ids", runtime: "namespace" })],
      ["documents[0].spec.runtime: ids does not run on namespace; it runs on docker"],
    ],
    [
      "the function's state cannot be kept at peers",
      [group("fw", { function: "ids", state: "replicated" })],
      [
        "documents[0].spec.state: the state of ids cannot be kept at peers: it is more than the kernel's connection tracking",
      ],
    ],
    ["the function's state can be kept at peers", [group("fw", { state: "replicated" })], []],
    [
      "networks and group are missing",
      [chain("c", "inside", "outside", ["fw"])],
      [
        "documents[0].spec.from: there is no network inside in the tenant demo",
        "documents[0].spec.through[0]: there is no function group fw in the tenant demo",
        "documents[0].spec.to: there is no network outside in the tenant demo",
      ],
    ],
    [
      "no family in common",
      [inside, six, fw, chain("c", "inside", "six", ["fw"])],
      ["documents[3].spec.to: inside and six have no address family in common"],
    ],
    [
      "two chains take all traffic",
      [inside, outside, fw, chain("c", "inside", "outside", ["fw"]), chain("d", "outside", "inside", ["fw"])],
      [
        "documents[3].spec: the chain d takes the same traffic between inside and outside already",
        "documents[4].spec: the chain c takes the same traffic between outside and inside already",
      ],
    ],
    [
      "two chains share a protocol",
      [
        inside,
        outside,
        fw,
        chain("c", "inside", "outside", ["fw"], ["tcp", "udp"]),
        chain("d", "inside", "outside", ["fw"], ["udp"]),
      ],
      [
        "documents[3].spec.match: the chain d takes the same traffic between inside and outside already",
        "documents[4].spec.match: the chain c takes the same traffic between inside and outside already",
      ],
    ],
    [
      "from is to",
      [inside, fw, chain("c", "inside", "inside", ["fw"])],
      ["documents[2].spec.to: must differ from `from`"],
    ],
  ];
  it.each(cases)("%s", (_, documents, expected) => {
    expect(faults(apply(documents))).toEqual(expected);
  });

  it("but chains of different protocols may share networks and a group", () => {
    const documents = [
      inside,
      outside,
      fw,
      chain("c", "inside", "outside", ["fw"], ["tcp"]),
      chain("d", "outside", "inside", ["fw"], ["icmp"]),
    ];
    expect(faults(apply(documents))).toEqual([]);
  });
});

describe("a node policy does not fit", () => {
  const policy = (name: string, node: string, tenant = "demo") => ({
    kind: "NodePolicy",
    metadata: { name, tenant },
    spec: { node, drain: true },
  });

  it.each([
    ["another one is about its node", policy("b", "node-1"), ["the node policy a is about node-1 already"]],
    [
      "one of another tenant is",
      policy("a", "node-1", "other"),
      ["the node policy a of the tenant demo is about node-1 already"],
    ],
    ["but may be changed", { ...policy("a", "node-1"), spec: { node: "node-1" } }, []],
    ["but may be about another node", policy("a", "node-2"), []],
  ])("%s", (_, asked, expected) => {
    const admission = apply([asked], { intents: known(policy("a", "node-1")) });
    expect(faults(admission)).toEqual(expected.map((words) => `documents[0].spec.node: ${words}`));
  });
});

describe("an update of shards does not fit", () => {
  it.each([
    [
      { maxSurge: 0 },
      "maxUnavailable: must be more than 0 where maxSurge is 0: else no shard could ever be replaced",
    ],
    [{ maxSurge: 65 }, "maxSurge: must be from 0 to 64"],
    [{ maxSurge: "120%" }, "maxSurge: must be from 0% to 100%"],
    [{ maxSurge: [] }, 'maxSurge: must be a number of shards from 0 to 64, or a share of them such as "25%"'],
    [{ deadline: "0s" }, "deadline: must be at least 1s"],
    [{ deadline: "soon" }, "deadline: must be a duration such as 500ms, 10s, 5m or 2h"],
  ])("%j", (update, fault) => {
    expect(faults(apply([group("fw", { update })]))).toEqual([`documents[0].spec.update.${fault}`]);
  });
});
