import { describe, expect, it } from "vitest";
import { GroupName, isLabel, shardName } from "./names.ts";

describe("a name", () => {
  it.each(["a", "0", "edge-fw", "a--b", "x".repeat(63)])("may be %s", (name) => {
    expect(isLabel(name)).toBe(true);
  });

  it.each(["", "-a", "a-", "A", "a.b", "a/b", "a b", "grün", "x".repeat(64), "a\n", "*", ">"])(
    "may not be %j: it becomes one token of subjects and keys",
    (name) => {
      expect(isLabel(name)).toBe(false);
    },
  );

  it("of a group leaves room for the numbers of its shards", () => {
    const longest = "x".repeat(59);
    expect(GroupName.safeParse(longest).success).toBe(true);
    expect(GroupName.safeParse(`${longest}x`).success).toBe(false);
    expect(isLabel(shardName(longest, 125))).toBe(true);
  });
});
