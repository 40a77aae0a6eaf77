import { describe, expect, it } from "vitest";
import { readDocumentTarget, readKind, readTarget, readThing } from "./target.ts";
import { UsageError } from "./usage-error.ts";

describe("a kind", () => {
  it.each([
    ["fg", { document: "FunctionGroup" }],
    ["FunctionGroup", { document: "FunctionGroup" }],
    ["networks", { document: "Network" }],
    ["shard", { rows: "shards" }],
    ["Nodes", { rows: "nodes" }],
  ])("%s is read", (word, kind) => expect(readKind(word)).toEqual(kind));
});

describe("a target", () => {
  it("is KIND/NAME", () => {
    expect(readTarget("chain/edge")).toEqual({ kind: { document: "Chain" }, name: "edge" });
    expect(readThing("shard/fw-0")).toEqual({ kind: "shard", name: "fw-0" });
    expect(readThing("workload/a")).toEqual({ kind: "workload", name: "a" });
  });

  it.each(["edge", "chain/", "chain/a/b", "gizmo/a", "chain/Größe", "chain/A"])(
    "that is %s is a wrong use",
    (text) => expect(() => readTarget(text)).toThrow(UsageError),
  );

  it("must fit the verb", () => {
    expect(() => readDocumentTarget("shard/fw-0")).toThrow(UsageError);
    expect(() => readThing("fg/fw")).toThrow(UsageError);
  });
});
