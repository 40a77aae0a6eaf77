/** The ledger finds what was lost, and only that; chance comes again with its seed. */
import { describe, expect, it } from "vitest";
import { chanceOf } from "./chance.ts";
import { Ledger } from "./ledger.ts";

describe("the ledger", () => {
  const ledger = new Ledger();
  ledger.acknowledged("fg/fw", "2");
  ledger.acknowledged("workload/a", "there");
  ledger.acknowledged("workload/b", "there");
  ledger.acknowledged("workload/b", null);
  ledger.unanswered("fg/fw", "3");
  ledger.unanswered("workload/c", "there");

  it.each([
    [
      "what was acknowledged",
      [
        ["fg/fw", "2"],
        ["workload/a", "there"],
      ],
      [],
    ],
    [
      "what had no answer and was done",
      [
        ["fg/fw", "3"],
        ["workload/a", "there"],
        ["workload/c", "there"],
      ],
      [],
    ],
    [
      "a change that is gone",
      [
        ["fg/fw", "1"],
        ["workload/a", "there"],
      ],
      ["fg/fw is 1, and was acknowledged as 2, or 3"],
    ],
    ["a resource that is gone", [["fg/fw", "2"]], ["workload/a is not there, and was acknowledged as there"]],
    [
      "a deletion that was undone, and what nobody asked for",
      [
        ["fg/fw", "2"],
        ["workload/a", "there"],
        ["workload/b", "there"],
        ["workload/z", "there"],
      ],
      [
        "workload/b is there, and was acknowledged as not there",
        "workload/z is there, and was acknowledged as not there",
      ],
    ],
  ] as const)("judges %s", (_, actual, losses) => {
    expect(ledger.losses(new Map(actual))).toEqual(losses);
  });

  it("forgets what it was unsure of once the next answer comes", () => {
    const later = new Ledger();
    later.unanswered("fg/fw", "3");
    later.acknowledged("fg/fw", "4");
    expect(later.losses(new Map([["fg/fw", "3"]]))).toHaveLength(1);
  });
});

it("chooses the same with the same seed", () => {
  const run = (seed: number) => {
    const chance = chanceOf(seed);
    return Array.from({ length: 20 }, () => chance.between(1, 100));
  };
  expect(run(7)).toEqual(run(7));
  expect(run(7)).not.toEqual(run(8));
});
