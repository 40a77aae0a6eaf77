/**
 * One column's old value and its difference → its new value (ovsdb-server(7) section 4.1.14).
 * Reads friendly values; sets are sorted and stay so. Nothing is changed in place, so rows handed out stay as they were.
 * Whole rows are left to apply-update.ts.
 */
import type { ColumnType } from "../notation/column-type.ts";
import { shapeOf } from "../notation/column-type.ts";
import type { Atom, Value } from "../notation/value.ts";
import { compareAtoms, isSet, pairsOf } from "../notation/value.ts";

export function applyDiff(type: ColumnType, before: Value, diff: Value): Value {
  // A column that holds at most one value is sent as its new value, be it a scalar, a set or a map.
  if (type.max === 1 || typeof before !== "object" || typeof diff !== "object") {
    return diff;
  }
  if (isSet(before) || isSet(diff)) {
    return isSet(before) && isSet(diff) ? symmetricDifference(before, diff) : diff;
  }
  const pairs = new Map(pairsOf(before));
  for (const [key, value] of pairsOf(diff)) {
    // The same pair in both: it was removed. A known key with another value: it was changed.
    if (pairs.get(key) === value) {
      pairs.delete(key);
    } else {
      pairs.set(key, value);
    }
  }
  return shapeOf(type) === "map" ? pairs : Object.fromEntries(pairs);
}

/** The elements that are in one of two sorted sets only, sorted: one pass, since a switch may have thousands of ports. */
export function symmetricDifference(left: readonly Atom[], right: readonly Atom[]): readonly Atom[] {
  const result: Atom[] = [];
  let at = 0;
  for (const atom of right) {
    for (; at < left.length; at += 1) {
      const next = left[at];
      if (next === undefined || compareAtoms(next, atom) >= 0) {
        break;
      }
      result.push(next);
    }
    if (left[at] === atom) {
      at += 1;
    } else {
      result.push(atom);
    }
  }
  for (; at < left.length; at += 1) {
    const next = left[at];
    if (next !== undefined) {
      result.push(next);
    }
  }
  return result;
}
