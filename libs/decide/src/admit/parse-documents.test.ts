import { describe, expect, it } from "vitest";
import { apply, faults, inside } from "./requests.test-kit.ts";
import { group, network, workload } from "./world.test-kit.ts";

describe("a document is faulty by itself", () => {
  const cases: [string, unknown, string[]][] = [
    ["no object", null, ["documents[0]: must be fields, each with a value"]],
    [
      "no kind",
      { metadata: { name: "a" }, spec: {} },
      ["documents[0].kind: is required: one of Network, Workload, FunctionGroup, Chain, NodePolicy"],
    ],
    [
      "an unknown kind",
      { ...inside, kind: "Nets" },
      [
        "documents[0].kind: is no kind known here; known are Network, Workload, FunctionGroup, Chain, NodePolicy",
      ],
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
        'documents[0].spec.resources.cpu: must be a number of cores such as "0.5", "2" or "500m", with its quotes',
        'documents[0].spec.resources.memory: must be an amount of bytes such as 128Mi, 1Gi or "1000000", the last with its quotes',
      ],
    ],
    [
      "a drain of no unit",
      group("fw", { drain: { timeout: 5 } }),
      ["documents[0].spec.drain.timeout: must be a duration such as 500ms, 10s, 5m or 2h, or never"],
    ],
    [
      "texts, numbers and choices of no form",
      { ...group("fw", { state: "both", image: 5, replicas: "2" }), metadata: { name: "fw", tenant: true } },
      [
        'documents[0].metadata.tenant: must be a text: put it in quotes, "true"',
        'documents[0].spec.image: must be a text: put it in quotes, "5"',
        "documents[0].spec.replicas: must be a number, without quotes",
        "documents[0].spec.state: must be local or replicated",
      ],
    ],
    [
      "a label's key in unicode",
      { ...inside, metadata: { name: "a", labels: { grün: "x" } } },
      [
        "documents[0].metadata.labels[\"grün\"]: must be a label's key: at most 63 letters, digits, '-', '_', '.' and '/', beginning and ending with a letter or digit",
      ],
    ],
    [
      "an mtu out of bounds",
      { ...inside, spec: { ...inside.spec, mtu: 5 } },
      ["documents[0].spec.mtu: must be from 1280 to 8900"],
    ],
    [
      "too many subnets, some of no form",
      network("a", ["nonsense", "10.1.5.0/16", "10.9.0.0/16"]),
      [
        "documents[0].spec.subnets: takes at most one IPv4 and one IPv6 subnet",
        "documents[0].spec.subnets[0]: must be a subnet such as 10.1.0.0/16 or fd00:1::/64",
        "documents[0].spec.subnets[1]: has host bits set: give the network's own address",
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

describe("a request of several documents", () => {
  it("names the faults of all of them at once", () => {
    const documents = [network("a", ["10.1.0.5/16"]), group("fw", { replicas: 65 }), { kind: "Nope" }];
    expect(faults(apply(documents))).toEqual([
      "documents[0].spec.subnets[0]: has host bits set: give the network's own address",
      "documents[1].spec.replicas: must be from 1 to 64",
      "documents[2].kind: is no kind known here; known are Network, Workload, FunctionGroup, Chain, NodePolicy",
    ]);
  });

  it("says of a runtime to come that this version lacks it", () => {
    const { findings } = apply([group("fw", { runtime: "kubernetes" })]);
    expect(findings).toEqual([
      {
        code: "unsupported",
        path: "documents[0].spec.runtime",
        message: "kubernetes is not in this version: take docker or namespace",
      },
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
