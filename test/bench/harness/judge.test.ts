import { describe, expect, it } from "vitest";
import type { Bound } from "./bench.ts";
import { inWords, judge } from "./judge.ts";

const figures = {
  ours: { unit: "s", runs: [3, 1, 2] },
  theirs: { unit: "s", runs: [4, 4, 4, 8] },
} as const;

describe("a bound", () => {
  it.each<{ bound: Bound; holds: boolean; words: string }>([
    { bound: { figure: "ours", times: 0.5, of: "theirs" }, holds: true, words: "ours ≤ 0.5 × theirs" },
    { bound: { figure: "ours", times: 0.49, of: "theirs" }, holds: false, words: "ours ≤ 0.49 × theirs" },
    {
      bound: { figure: "ours", times: 0.4, of: "theirs", plus: 0.4 },
      holds: true,
      words: "ours ≤ 0.4 × theirs + 0.4",
    },
    { bound: { figure: "ours", of: "theirs" }, holds: true, words: "ours ≤ theirs" },
    { bound: { figure: "ours", plus: 2 }, holds: true, words: "ours ≤ 2" },
    { bound: { figure: "ours", plus: 2, by: "worst" }, holds: false, words: "ours (worst run) ≤ 2" },
    { bound: { figure: "nobody's", plus: 2 }, holds: false, words: "nobody's ≤ 2" },
    { bound: { figure: "ours", of: "nobody's" }, holds: false, words: "ours ≤ nobody's" },
  ])("is kept or broken by medians, or by the worst run: $words", ({ bound, holds, words }) => {
    expect(judge([bound], figures)).toMatchObject([{ holds }]);
    expect(inWords(bound)).toBe(words);
  });

  it("tells the ratio of the medians", () => {
    expect(judge([{ figure: "ours", times: 1, of: "theirs" }], figures)).toMatchObject([
      { value: 2, limit: 4, ratio: 0.5 },
    ]);
  });
});
