import { describe, expect, it } from "vitest";
import { interleaved, median } from "./measure.ts";

describe("contestants that are run in turn", () => {
  it("meet in every round, each round begun by another, and warm-ups are not kept", async () => {
    const order: string[] = [];
    const contestant = (name: string) => () => {
      order.push(name);
      return Promise.resolve(order.length);
    };
    const runs = await interleaved(
      { rounds: 2, warmUps: 1 },
      { a: contestant("a"), b: contestant("b"), c: contestant("c") },
    );
    expect(order.join("")).toBe("abcbcacab");
    expect(runs).toEqual({ a: [6, 8], b: [4, 9], c: [5, 7] });
  });
});

describe("the median", () => {
  it.each([
    { values: [5, 1, 3], middle: 3 },
    { values: [4, 1, 3, 2], middle: 2.5 },
    { values: [], middle: Number.NaN },
  ])("of $values is $middle", ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });
});
