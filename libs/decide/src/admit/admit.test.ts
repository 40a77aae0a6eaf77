import { describe, expect, it } from "vitest";
import { admit } from "./admit.ts";
import type { Admission } from "./admit.ts";
import type { Deletion } from "./check-deletions.ts";
import { codeOf, faultsOf } from "./finding.ts";
import { chain, group, known, network, workload } from "./world.test-kit.ts";
import type { KnownIntents } from "./wanted-world.ts";

const functions = [
  { name: "firewall", runtimes: ["docker", "namespace"] },
  { name: "ids", runtimes: ["docker"] },
];
const inside = network("inside", ["10.1.0.0/16"]);
const outside = network("outside", ["10.2.0.0/16"]);
const six = network("six", ["fd00:6::/64"]);

function apply(documents: unknown[], more: { intents?: KnownIntents; ifRevision?: number } = {}): Admission {
  return admit({ documents, intents: new Map(), functions, ...more });
}

function remove(deletions: Deletion[], intents: KnownIntents): Admission {
  return admit({ documents: [], deletions, intents, functions });
}

/** `path: message` of every fault. */
function faults(admission: Admission): string[] {
  return faultsOf(admission.findings).map(({ path, message }) => `${path}: ${message}`);
}

describe("a document is faulty by itself", () => {
  const cases: [string, unknown, string[]][] = [
    ["no object", null, ["documents[0]: Invalid input: expected object, received null"]],
    [
      "no kind",
      { metadata: { name: "a" }, spec: {} },
      ["documents[0].kind: is no kind known here; known are Network, Workload, FunctionGroup, Chain"],
    ],
    [
      "an unknown kind",
      { ...inside, kind: "Nets" },
      ["documents[0].kind: is no kind known here; known are Network, Workload, FunctionGroup, Chain"],
    ],
    [
      "two unknown fields",
      { ...inside, foo: 1, spec: { ...inside.spec, "b c": 1 } },
      ["documents[0].foo: is no field known here", 'documents[0].spec["b c"]: is no field known here'],
    ],
    ["no name", { ...inside, metadata: {} }, ["documents[0].metadata.name: is required"]],
    [
      "a name with a slash",
      { ...inside, metadata: { name: "a/b" } },
      [
        "documents[0].metadata.name: must be an RFC 1123 label: at most 63 of a-z, 0-9 and '-', not beginning or ending with '-'",
      ],
    ],
    [
      "a name in unicode",
      { ...inside, metadata: { name: "grün" } },
      [
        "documents[0].metadata.name: must be an RFC 1123 label: at most 63 of a-z, 0-9 and '-', not beginning or ending with '-'",
      ],
    ],
    ["replicas -1", group("fw", { replicas: -1 }), ["documents[0].spec.replicas: must be from 1 to 64"]],
    ["replicas 65", group("fw", { replicas: 65 }), ["documents[0].spec.replicas: must be from 1 to 64"]],
    [
      "quantities of no form",
      group("fw", { resources: { cpu: "lots", memory: 5, bandwidth: "1 MB" } }),
      [
        "documents[0].spec.resources.bandwidth: must be a rate such as 50Mbit or 1Gbit",
        'documents[0].spec.resources.cpu: must be a number of cores such as "0.5", "2" or "500m"',
        "documents[0].spec.resources.memory: Invalid input: expected string, received number",
      ],
    ],
    [
      "host bits in a subnet",
      network("a", ["10.1.0.5/16"]),
      ["documents[0].spec.subnets[0]: has host bits set: give the network's own address"],
    ],
    [
      "another apiVersion",
      { ...inside, apiVersion: "weft.dev/v9" },
      ["documents[0].apiVersion: the only apiVersion known here is weft.dev/v1"],
    ],
  ];
  it.each(cases)("%s", (_, document, expected) => {
    expect(faults(apply([document]))).toEqual(expected);
  });
});

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
      ["documents[0].spec.function: is no function known here; known are firewall, ids"],
    ],
    [
      "the runtime is not the function's",
      [group("fw", { function: "ids", runtime: "namespace" })],
      ["documents[0].spec.runtime: ids does not run on namespace; it runs on docker"],
    ],
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

describe("a request of several documents", () => {
  it("names the faults of all of them at once", () => {
    const documents = [network("a", ["10.1.0.5/16"]), group("fw", { replicas: 65 }), { kind: "Nope" }];
    expect(faults(apply(documents))).toEqual([
      "documents[0].spec.subnets[0]: has host bits set: give the network's own address",
      "documents[1].spec.replicas: must be from 1 to 64",
      "documents[2].kind: is no kind known here; known are Network, Workload, FunctionGroup, Chain",
    ]);
  });

  it("does not call a network missing that is only faulty", () => {
    const documents = [network("inside", ["nonsense"]), workload("w", [{ network: "inside" }])];
    expect(faults(apply(documents))).toEqual([
      "documents[0].spec.subnets[0]: must be a subnet such as 10.1.0.0/16 or fd00:1::/64",
    ]);
  });

  it("refuses a document that is there twice", () => {
    expect(faults(apply([inside, inside]))).toEqual([
      "documents[0].metadata.name: is in this request more than once",
      "documents[1].metadata.name: is in this request more than once",
    ]);
  });
});

describe("a change would hurt what is there", () => {
  it("a network's subnets do not go from under a workload with a chosen address", () => {
    const intents = known(inside, workload("w", [{ network: "inside" }]));
    const admission = apply([network("inside", ["10.3.0.0/16"])], { intents });
    expect(faults(admission)).toEqual([
      "documents[0].spec.subnets: would take the addresses of workloads that use it: w",
    ]);
    expect(codeOf(admission.findings)).toBe("in-use");
  });

  it("nor from under one with a given address", () => {
    const intents = known(inside, workload("w", [{ network: "inside", address: "10.1.9.9" }]));
    expect(faults(apply([network("inside", ["10.1.0.0/24"])], { intents }))).toEqual([
      "documents[0].spec.subnets: would take 10.1.9.9 of the workload w",
    ]);
  });

  it("but a network may grow", () => {
    const intents = known(network("inside", ["10.1.0.0/24"]), workload("w", [{ network: "inside" }]));
    expect(faults(apply([network("inside", ["10.1.0.0/16", "fd00:1::/64"])], { intents }))).toEqual([]);
  });

  it("a network does not lose the family that a chain needs", () => {
    const intents = known(
      network("a", ["10.1.0.0/16", "fd00:1::/64"]),
      six,
      group("fw"),
      chain("c", "a", "six", ["fw"]),
    );
    expect(faults(apply([network("a", ["10.1.0.0/16"])], { intents }))).toEqual([
      "documents[0].spec.subnets: would leave the networks of the chain c without a common address family",
    ]);
  });

  it("what others need is not deleted, and they are named", () => {
    const intents = known(
      inside,
      outside,
      group("fw"),
      chain("edge", "inside", "outside", ["fw"]),
      workload("w", [{ network: "inside" }]),
    );
    expect(faults(remove([{ kind: "Network", tenant: "demo", name: "inside" }], intents))).toEqual([
      "name: is needed by chain/edge, workload/w",
    ]);
    expect(faults(remove([{ kind: "FunctionGroup", tenant: "demo", name: "fw" }], intents))).toEqual([
      "name: is needed by chain/edge",
    ]);
  });

  it("what is not there is not deleted", () => {
    const admission = remove([{ kind: "Network", tenant: "demo", name: "inside" }], new Map());
    expect(codeOf(admission.findings)).toBe("not-found");
  });
});

describe("somebody else was faster", () => {
  const intents = known(inside); // revision 1
  const conflict = (admission: Admission) => {
    expect(codeOf(admission.findings)).toBe("conflict");
    return faults(admission);
  };

  it("a document with an old revision is refused", () => {
    const old = { ...inside, metadata: { ...inside.metadata, revision: 7 } };
    expect(conflict(apply([old], { intents }))).toEqual([
      "documents[0].metadata.revision: is 7, but the resource is at 1",
    ]);
  });

  it("a request with an old revision is refused", () => {
    expect(conflict(apply([inside], { intents, ifRevision: 0 }))).toEqual([
      "ifRevision: is 0, but the resource is at 1",
    ]);
    expect(conflict(apply([outside], { intents, ifRevision: 1 }))).toEqual([
      "ifRevision: is 1, but the resource is not there (any more)",
    ]);
    expect(faults(apply([inside], { intents, ifRevision: 1 }))).toEqual([]);
  });

  it("a request's revision goes with one document only", () => {
    expect(faults(apply([inside, outside], { ifRevision: 1 }))).toEqual([
      "ifRevision: goes with exactly one document",
    ]);
  });

  it("a deletion with an old revision is refused", () => {
    const deletion: Deletion = { kind: "Network", tenant: "demo", name: "inside", ifRevision: 3 };
    expect(conflict(remove([deletion], intents))).toEqual(["ifRevision: is 3, but the resource is at 1"]);
  });
});

describe("what is admitted", () => {
  it("is complete, in its usual form, without what only Weft sets", () => {
    const document = {
      kind: "Network",
      metadata: { name: "a", uid: "x", generation: 4, labels: {} },
      spec: { subnets: ["FD00:0001::/64"] },
      status: { conditions: [] },
    };
    expect(apply([document]).writes).toEqual([
      {
        key: "default.network.a",
        generation: 1,
        document: {
          apiVersion: "weft.dev/v1",
          kind: "Network",
          metadata: { name: "a", tenant: "default" },
          spec: { subnets: ["fd00:1::/64"], mtu: 1400 },
        },
      },
    ]);
  });

  it("counts a changed spec as a new generation, and changed labels not", () => {
    const labelled = { ...inside, metadata: { ...inside.metadata, labels: { zone: "a" } } };
    const wider = { ...inside, spec: { ...inside.spec, mtu: 1500 } };
    const rows = [inside, labelled, wider].map((one) => apply([one], { intents: known(inside) }));
    expect(rows.map(({ documents: [row] }) => [row?.change, row?.generation])).toEqual([
      ["unchanged", 1],
      ["changed", 1],
      ["changed", 2],
    ]);
    expect(rows.map(({ writes }) => writes.length)).toEqual([0, 1, 1]);
  });

  it("tells which configurations the functions must judge", () => {
    const config = { default: "drop" };
    expect(apply([inside, group("fw", { config })]).configs).toEqual([
      {
        group: "fw",
        function: "firewall",
        config,
        networks: { inside: ["10.1.0.0/16"] },
        path: "documents[1]",
      },
    ]);
  });
});
