import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnType, valueOf } from "../../test/support/arbitrary-columns.ts";
import type { ColumnType } from "../notation/column-type.ts";
import { decodeValue } from "../notation/decode.ts";
import { encodeValue } from "../notation/encode.ts";
import type { Value } from "../notation/value.ts";
import { isSet, pairsOf } from "../notation/value.ts";
import { applyDiff } from "./apply-diff.ts";

/** ovsdb-server(7) section 4.1.14 written down the other way round: what a server sends for a change. */
function differenceOf(type: ColumnType, before: Value, after: Value): Value {
  if (type.max === 1 || typeof before !== "object" || typeof after !== "object") {
    return after;
  }
  if (isSet(before) && isSet(after)) {
    return [
      ...before.filter((atom) => !after.includes(atom)),
      ...after.filter((atom) => !before.includes(atom)),
    ];
  }
  if (isSet(before) || isSet(after)) {
    return after;
  }
  const old = new Map(pairsOf(before));
  const now = new Map(pairsOf(after));
  const removed = [...old].filter(([key]) => !now.has(key));
  const changed = [...now].filter(([key, value]) => old.get(key) !== value);
  const pairs = [...removed, ...changed];
  return after instanceof Map ? new Map(pairs) : Object.fromEntries(pairs);
}

describe("the difference that a server sends", () => {
  it("turns the old value into the new one and leaves the old one alone", () => {
    const change = columnType.chain((type) => fc.tuple(fc.constant(type), valueOf(type), valueOf(type)));
    fc.assert(
      fc.property(change, ([type, before, after]) => {
        const copy = structuredClone(before);
        const diff = decodeValue(
          { ...type, min: 0 },
          encodeValue({ ...type, min: 0 }, differenceOf(type, before, after)),
        );
        expect(applyDiff(type, before, diff)).toEqual(after);
        expect(before).toEqual(copy);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, ColumnType, Value, Value, Value]>([
    ["an optional is replaced", { key: { type: "string" }, min: 0, max: 1 }, "a", "b", "b"],
    ["an optional is emptied", { key: { type: "string" }, min: 0, max: 1 }, "a", undefined, undefined],
    [
      "a map of at most one pair is replaced",
      { key: { type: "string" }, value: { type: "integer" }, min: 0, max: 1 },
      { a: 1 },
      { b: 2 },
      { b: 2 },
    ],
    [
      "a set: added and removed",
      { key: { type: "integer" }, min: 0, max: 8 },
      [1, 2, 9],
      [2, 10],
      [1, 9, 10],
    ],
    [
      "a map: added, changed, removed",
      { key: { type: "string" }, value: { type: "integer" }, min: 0, max: "unlimited" },
      { a: 1, b: 2, c: 3 },
      { b: 7, c: 3, d: 4 },
      { a: 1, b: 7, d: 4 },
    ],
  ])("%s", (_, type, before, diff, after) => {
    expect(applyDiff(type, before, diff)).toEqual(after);
  });
});
