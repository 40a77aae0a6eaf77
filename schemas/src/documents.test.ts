import { describe, expect, it } from "vitest";
import {
  Document,
  intentKey,
  kindNames,
  kindOf,
  kinds,
  nodeHealthKey,
  recordKey,
  slotsKey,
} from "./index.ts";

const metadata = { name: "a" };

describe("a document that says only what it must", () => {
  it.each([
    [
      { kind: "Network", metadata, spec: { subnets: ["10.1.0.0/16"] } },
      { subnets: ["10.1.0.0/16"], mtu: 1400 },
    ],
    [
      { kind: "Workload", metadata, spec: { networks: [{ network: "n" }] } },
      { runtime: "namespace", networks: [{ network: "n" }] },
    ],
    [
      { kind: "FunctionGroup", metadata, spec: { function: "firewall" } },
      {
        function: "firewall",
        runtime: "docker",
        replicas: 1,
        affinity: "client",
        resources: {},
        drain: { timeout: "10m" },
        update: { maxSurge: 1, maxUnavailable: 0, deadline: "2m" },
        state: "local",
        config: {},
      },
    ],
    [
      { kind: "Chain", metadata, spec: { from: "a", to: "b", through: ["fw"] } },
      { from: "a", to: "b", through: ["fw"], onFailure: "closed" },
    ],
  ])("$kind gets its defaults", (document, spec) => {
    expect(Document.parse(document)).toEqual({ apiVersion: "weft.dev/v1", ...document, spec });
  });
});

describe("a document with several faults", () => {
  it("has all of them named", () => {
    const spec = { function: "", replicas: 65, drain: { timeout: "soon" }, resources: { cpu: "0", gpu: 1 } };
    const result = Document.safeParse({ kind: "FunctionGroup", metadata: { name: "A" }, spec });
    expect(result.error?.issues.map(({ path }) => path.join("."))).toEqual([
      "metadata.name",
      "spec.function",
      "spec.replicas",
      "spec.resources.cpu",
      "spec.resources",
      "spec.drain.timeout",
    ]);
  });
});

describe("kinds and keys", () => {
  it("every spelling of a kind means it", () => {
    for (const kind of kindNames) {
      const { token, plural, short } = kinds[kind];
      for (const word of [kind, token, plural, ...short]) expect(kindOf(word)).toBe(kind);
    }
    expect(kindOf("pods")).toBeUndefined();
  });

  it("begin with the tenant, so that an account can have its own", () => {
    expect(intentKey("FunctionGroup", "demo", "fw")).toBe("demo.functiongroup.fw");
    expect(recordKey("shard", "demo", "fw-0")).toBe("demo.shard.fw-0");
    expect(slotsKey("demo", "fw")).toBe("demo.fw");
    expect(nodeHealthKey("node-1")).toBe("_.node.node-1");
  });
});
