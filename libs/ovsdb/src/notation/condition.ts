/**
 * Does a row meet a condition? RFC 7047 section 5.1, evaluated on friendly values.
 * Reads one row; serves the old `monitor` method, whose servers cannot filter.
 * Encoding conditions for servers that can is left to rows.ts.
 */
import type { Atom, Value } from "./value.ts";
import { compareAtoms, isSet, pairsOf, sameValue } from "./value.ts";
import type { ConditionFunction } from "./wire.ts";

/** `true` is met by every row, `false` by none (ovsdb-server(7) section 5.1). */
export type LocalCondition = boolean | readonly [column: string, fn: ConditionFunction, value: Value];

export function meets(row: { readonly [column: string]: Value }, condition: LocalCondition): boolean {
  if (typeof condition === "boolean") {
    return condition;
  }
  const [column, fn, wanted] = condition;
  const value = row[column];
  switch (fn) {
    case "==":
      return sameValue(value, sorted(wanted));
    case "!=":
      return !sameValue(value, sorted(wanted));
    case "includes":
      return partsOf(wanted).every((part) => has(value, part));
    case "excludes":
      return !partsOf(wanted).some((part) => has(value, part));
    case "<":
      return ordered(value, wanted, (order) => order < 0);
    case "<=":
      return ordered(value, wanted, (order) => order <= 0);
    case ">=":
      return ordered(value, wanted, (order) => order >= 0);
    case ">":
      return ordered(value, wanted, (order) => order > 0);
  }
}

type Part = readonly [Atom] | readonly [Atom, Atom];

/** The elements of a value: atoms of a set, pairs of a map, itself of a scalar. */
function partsOf(value: Value): readonly Part[] {
  if (value === undefined) {
    return [];
  }
  if (typeof value !== "object") {
    return [[value]];
  }
  return isSet(value) ? value.map((atom) => [atom]) : pairsOf(value);
}

function has(value: Value, part: Part): boolean {
  return partsOf(value).some(([key, item]) => key === part[0] && item === part[1]);
}

function ordered(value: Value, wanted: Value, test: (order: number) => boolean): boolean {
  return typeof value === "number" && typeof wanted === "number" && test(compareAtoms(value, wanted));
}

/** Sets in rows are sorted; a caller's may be in any order. */
function sorted(value: Value): Value {
  return isSet(value) ? [...value].sort(compareAtoms) : value;
}
