import { array, assert, constantFrom, letrec, oneof, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalText, isSameJson } from "./canonical.ts";

/** Small enough that two of them are often equal; fields in any order, some of them absent. */
const json = letrec((tie) => ({
  value: oneof(
    { maxDepth: 2 },
    constantFrom(null, undefined, true, 0, 1, "0", ""),
    array(tie("value"), { maxLength: 2 }),
    array(tuple(constantFrom("a", "b"), tie("value")), { maxLength: 2 }).map((fields) =>
      Object.fromEntries(fields),
    ),
  ),
})).value;

describe("two values of JSON", () => {
  it("are the same where their canonical texts are, and only there", () => {
    assert(
      property(json, json, (a, b) => {
        expect(isSameJson(a, b)).toBe(canonicalText(a) === canonicalText(b));
      }),
      { numRuns: 3_000 },
    );
  });
});
