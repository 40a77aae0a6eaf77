/**
 * The friendly side of a column's value: what a program reads in a row, and how two such values compare.
 * Reads values; sets are sorted arrays everywhere, so equal sets are equal arrays.
 * The wire side is left to encode.ts and decode.ts.
 */
export type Atom = string | number | boolean;
export type Value =
  | Atom
  | undefined
  | readonly Atom[]
  | Readonly<Record<string, Atom>>
  | ReadonlyMap<Atom, Atom>;

/** Orders atoms of one type: numbers by size, text by code unit, false before true. */
export function compareAtoms(a: Atom, b: Atom): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) {
    return true;
  }
  if (typeof a !== "object" || typeof b !== "object") {
    return false;
  }
  if (isSet(a) || isSet(b)) {
    return isSet(a) && isSet(b) && a.length === b.length && a.every((atom, at) => atom === b[at]);
  }
  const left = pairsOf(a);
  const right = new Map(pairsOf(b));
  return left.length === right.size && left.every(([key, value]) => right.get(key) === value);
}

export function isSet(value: Value): value is readonly Atom[] {
  return Array.isArray(value);
}

/** The pairs of either kind of map. */
export function pairsOf(
  map: Readonly<Record<string, Atom>> | ReadonlyMap<Atom, Atom>,
): readonly (readonly [Atom, Atom])[] {
  return map instanceof Map ? [...map] : Object.entries(map);
}
