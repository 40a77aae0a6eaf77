import { describe, expect, it } from "vitest";
import { ShimState } from "./shim-state.ts";

describe("the lists of a shim", () => {
  it("are published again where the stream has lost them, and only there", () => {
    const state = new ShimState();
    let changes = 0;
    state.changed.subscribe(() => (changes += 1));
    state.publishedAre([]);
    state.image = {
      rulesMark: "mark",
      next: new Map(),
      prev: new Map(),
      owners: new Map(),
      lists: new Map(),
      leftOver: false,
      waiting: false,
      published: new Map([
        [3, 12],
        [4, 0],
      ]),
      counts: new Map(),
      forgotten: new Set(),
    };
    state.publishedAre([3, 4]);
    expect(changes).toBe(0);
    state.publishedAre([4]);
    expect([...state.image.published.keys()]).toEqual([4]);
    expect(changes).toBe(1);
  });
});
