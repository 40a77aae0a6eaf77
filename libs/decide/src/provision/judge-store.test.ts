import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeStore } from "./judge-store.ts";

const sight = (remembered: string | undefined, current: string, things: string[], placed: string[]) =>
  judgeStore({ remembered, current, things, placed: new Set(placed) });

describe("a store", () => {
  it.each([
    ["is known when it is the one that was acted on last", "a", "a", ["t"], [], "known"],
    ["is adopted where none was before", undefined, "a", ["t"], [], "adopt"],
    ["is adopted by a node on which nothing is", "a", "b", [], [], "adopt"],
    ["is adopted when all records are back in another one", "a", "b", ["s", "t"], ["t", "s", "u"], "adopt"],
    ["is strange when it came back empty", "a", "b", ["t"], [], "strange"],
    ["is strange while some records are not back yet", "a", "b", ["s", "t"], ["t"], "strange"],
  ] as const)("%s", (_, remembered, current, things, placed, kind) => {
    expect(sight(remembered, current, [...things], [...placed]).kind).toBe(kind);
  });

  it("names what it would take down", () => {
    expect(sight("a", "b", ["t", "r", "s"], ["s"])).toEqual({ kind: "strange", unplaced: ["r", "t"] });
  });

  it("that is not the known one is never acted on while anything would go", () => {
    const uids = fc.uniqueArray(fc.constantFrom("r", "s", "t", "u"));
    fc.assert(
      fc.property(fc.constantFrom("a", "b"), uids, uids, (current, things, placed) => {
        const acts = sight("a", current, things, placed).kind !== "strange";
        expect(acts).toBe(current === "a" || things.every((uid) => placed.includes(uid)));
      }),
    );
  });
});
