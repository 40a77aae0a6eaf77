/** What is sound of a faulty document is held against the others; what only seems wrong for another fault's sake is not told. */
import { describe, expect, it } from "vitest";
import { apply, faults, inside, outside } from "./requests.test-kit.ts";
import { chain, group, known, network, workload } from "./world.test-kit.ts";

const unknownField = <D extends { spec: object }>(document: D) => ({
  ...document,
  spec: { ...document.spec, odd: 1 },
});
const oddField = (index: number) => `documents[${index}].spec.odd: is no field known here`;
const nameless = (document: object, metadata: object = { nam: "x", tenant: "demo" }) => ({
  ...document,
  metadata,
});

describe("a document with a fault has its other faults told too", () => {
  const cases: [string, unknown[], string[]][] = [
    [
      "a chain's missing networks and groups",
      [{ ...chain("c", "nowhere", "outside", ["none"]), status: 1, odd: 1 }, outside],
      [
        "documents[0].odd: is no field known here",
        "documents[0].spec.from: there is no network nowhere in the tenant demo",
        "documents[0].spec.through[0]: there is no function group none in the tenant demo",
      ],
    ],
    [
      "a chain's traffic that another takes",
      [
        inside,
        outside,
        group("fw"),
        chain("c", "inside", "outside", ["fw"], ["tcp"]),
        chain("d", "inside", "outside", ["fw"], ["tcp", "gre"]),
      ],
      [
        "documents[3].spec.match: the chain d takes the same traffic between inside and outside already",
        "documents[4].spec.match: the chain c takes the same traffic between inside and outside already",
        "documents[4].spec.match[1].protocol: must be tcp, udp, icmp or sctp",
      ],
    ],
    [
      "a chain's ends and groups against each other",
      [inside, group("fw"), chain("c", "inside", "inside", ["fw", "fw"], ["gre"])],
      [
        "documents[2].spec.match[0].protocol: must be tcp, udp, icmp or sctp",
        "documents[2].spec.through[1]: is passed already",
        "documents[2].spec.to: must differ from `from`",
      ],
    ],
    [
      "a network's subnets that overlap",
      [inside, network("b", ["nonsense", "10.1.5.0/24"])],
      [
        "documents[0].spec.subnets[0]: overlaps 10.1.5.0/24 of the network b",
        "documents[1].spec.subnets[0]: must be a subnet such as 10.1.0.0/16 or fd00:1::/64",
        "documents[1].spec.subnets[1]: overlaps 10.1.0.0/16 of the network inside",
      ],
    ],
    [
      "a workload's addresses and networks",
      [
        inside,
        workload("a", [{ network: "inside", address: "10.1.0.9" }]),
        workload("b", [{ network: "inside", address: "10.1.0.9" }, { network: "none" }], {
          image: "x",
          cmd: 1,
        }),
      ],
      [
        "documents[1].spec.networks[0].address: is the address of the workload b already",
        "documents[2].spec.cmd: is no field known here",
        "documents[2].spec.image: has no meaning for the namespace runtime",
        "documents[2].spec.networks[0].address: is the address of the workload a already",
        "documents[2].spec.networks[1].network: there is no network none in the tenant demo",
      ],
    ],
    [
      "a group's function",
      [group("fw", { function: "firewal", replicas: 0 })],
      [
        "documents[0].spec.function: firewal is no function known here; known are firewall, ids",
        "documents[0].spec.replicas: must be from 1 to 64",
      ],
    ],
    [
      "the references of one without a name",
      [nameless(chain("c", "nowhere", "inside", []), { tenant: "demo" }), inside],
      [
        "documents[0].metadata.name: is required",
        "documents[0].spec.from: there is no network nowhere in the tenant demo",
        "documents[0].spec.through: needs at least one function group",
      ],
    ],
  ];
  it.each(cases)("%s", (_, documents, expected) => {
    expect(faults(apply(documents))).toEqual(expected);
  });

  it("its configuration goes to the function", () => {
    const config = { rules: [{ from: "inside" }] };
    const { configs } = apply([inside, group("fw", { config, replicas: 0 })]);
    expect(configs).toMatchObject([{ config, networks: { inside: ["10.1.0.0/16"] }, path: "documents[1]" }]);
  });

  it("its revision is looked at", () => {
    const old = unknownField({ ...inside, metadata: { ...inside.metadata, revision: 7 } });
    expect(faults(apply([old], { intents: known(inside) }))).toEqual([
      "documents[0].metadata.revision: is 7, but the resource is at 1",
      oddField(0),
    ]);
  });
});

describe("a fault that is there for another one's sake is not told", () => {
  const pinned = workload("w", [{ network: "inside", address: "10.7.0.9" }]);
  const cases: [string, unknown[], string[]][] = [
    [
      "a network may be the one whose name cannot be read",
      [nameless(inside), pinned],
      [
        "documents[0].metadata.name: is required",
        "documents[0].metadata.nam: is no field known here",
      ].toSorted(),
    ],
    [
      "a network may be what is of no kind that can be read",
      [{ ...inside, kind: "Netwrk" }, pinned],
      [
        "documents[0].kind: is no kind known here; known are Network, Workload, FunctionGroup, Chain, NodePolicy",
      ],
    ],
    [
      "an address is held against subnets that can all be read alone",
      [network("inside", ["10.1.0.0/16", "nonsense"]), pinned],
      ["documents[0].spec.subnets[1]: must be a subnet such as 10.1.0.0/16 or fd00:1::/64"],
    ],
    [
      "families are held against subnets that can all be read alone",
      [
        network("a", ["10.1.0.0/16", "nonsense"]),
        network("six", ["fd00:6::/64"]),
        group("fw"),
        chain("c", "a", "six", ["fw"]),
      ],
      ["documents[0].spec.subnets[1]: must be a subnet such as 10.1.0.0/16 or fd00:1::/64"],
    ],
    [
      "a match that cannot be read takes no traffic",
      [
        inside,
        outside,
        group("fw"),
        chain("c", "inside", "outside", ["fw"]),
        {
          ...chain("d", "inside", "outside", ["fw"]),
          spec: { from: "inside", to: "outside", through: ["fw"], match: 1 },
        },
      ],
      ["documents[4].spec.match: must be a list"],
    ],
    [
      "whose tenant cannot be read is nobody's rival, and misses nothing",
      [
        { ...network("b", ["10.1.0.0/24"]), metadata: { name: "b", tenant: null } },
        inside,
        { ...pinned, metadata: { name: "w", tenant: null } },
      ],
      ["documents[0].metadata.tenant: must be a text", "documents[2].metadata.tenant: must be a text"],
    ],
  ];
  it.each(cases)("%s", (_, documents, expected) => {
    expect(faults(apply(documents))).toEqual(expected);
  });

  it("one whose name cannot be read may be what is there, so it does not clash with it", () => {
    expect(faults(apply([nameless(inside, { tenant: "demo" })], { intents: known(inside) }))).toEqual([
      "documents[0].metadata.name: is required",
    ]);
  });

  it("an address that cannot be read does not lean on the network's subnets", () => {
    const intents = known(inside, workload("w", [{ network: "inside" }]));
    const moved = [network("inside", ["10.3.0.0/16"]), workload("w", [{ network: "inside", address: "x" }])];
    expect(faults(apply(moved, { intents }))).toEqual([
      "documents[1].spec.networks[0].address: must be an IPv4 or IPv6 address",
    ]);
  });

  it("a configuration may name networks that cannot be read", () => {
    const config = { rules: [{ name: "a", from: "elsewhere" }] };
    const { configs } = apply([nameless(inside), group("fw", { config })]);
    expect(configs[0]?.networks).toMatchObject({ elsewhere: ["192.0.2.0/24", "2001:db8::/32"] });
    expect(apply([inside, group("fw", { config })]).configs[0]?.networks).toEqual({
      inside: ["10.1.0.0/16"],
    });
  });
});
