import { describe, expect, it } from "vitest";
import type { LocalCondition } from "./condition.ts";
import { meets } from "./condition.ts";

const row = {
  name: "a",
  tag: 5,
  parent: undefined,
  ports: ["p1", "p2"],
  external_ids: { owner: "w", group: "g" },
  queues: new Map([[1, "q"]]),
};

describe("a condition on a row", () => {
  it.each<[LocalCondition, boolean]>([
    [["name", "==", "a"], true],
    [["name", "!=", "a"], false],
    [["name", "includes", "a"], true],
    [["tag", "<", 5], false],
    [["tag", "<=", 5], true],
    [["tag", ">", 4], true],
    [["tag", ">=", 6], false],
    [["parent", "==", undefined], true],
    [["parent", "includes", undefined], true],
    [["parent", "<", 3], false],
    [["ports", "==", ["p2", "p1"]], true],
    [["ports", "includes", ["p2"]], true],
    [["ports", "excludes", ["p3"]], true],
    [["ports", "excludes", ["p3", "p1"]], false],
    [["external_ids", "includes", { owner: "w" }], true],
    [["external_ids", "includes", { owner: "x" }], false],
    [["external_ids", "excludes", { owner: "x" }], true],
    [["external_ids", "==", { group: "g", owner: "w" }], true],
    [["queues", "includes", new Map([[1, "q"]])], true],
  ])("%j is %s", (condition, holds) => {
    expect(meets(row, condition)).toBe(holds);
  });
});
