import { describe, expect, it } from "vitest";
import type { Admission } from "./admit.ts";
import type { Deletion } from "./check-deletions.ts";
import { codeOf } from "./finding.ts";
import { apply, faults, inside, outside, remove, six } from "./requests.test-kit.ts";
import { chain, group, known, network, workload } from "./world.test-kit.ts";

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
