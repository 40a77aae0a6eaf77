/**
 * Random column types and values that fit them, for the property tests.
 * Writes nothing; values are in the normal form that decoding yields (sets sorted).
 * What must hold for them is left to the tests.
 */
import * as fc from "fast-check";
import type { AtomicType, ColumnType } from "../../src/notation/column-type.ts";
import { shapeOf } from "../../src/notation/column-type.ts";
import type { Uuid } from "../../src/notation/uuid.ts";
import type { Atom, Value } from "../../src/notation/value.ts";
import { compareAtoms } from "../../src/notation/value.ts";

const atomicType = fc.constantFrom<AtomicType>("integer", "real", "boolean", "string", "uuid");

export const columnType: fc.Arbitrary<ColumnType> = fc
  .record({
    key: atomicType,
    value: fc.option(atomicType),
    min: fc.constantFrom(0, 1),
    max: fc.constantFrom<(number | "unlimited")[]>(1, 8, "unlimited"),
  })
  .map(({ key, value, min, max }) => ({
    key: { type: key },
    ...(value === null ? {} : { value: { type: value } }),
    min,
    max,
  }));

export function atomOf(type: AtomicType): fc.Arbitrary<Atom> {
  switch (type) {
    case "integer":
      return fc.maxSafeInteger().map((value) => value + 0);
    case "real":
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case "boolean":
      return fc.boolean();
    case "string":
      return fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("__proto__", "constructor", "7", "ü€😀", ""),
      );
    case "uuid":
      return fc.uuid().map((text) => text as Uuid);
  }
}

export function valueOf(type: ColumnType): fc.Arbitrary<Value> {
  const atom = atomOf(type.key.type);
  const maxLength = type.max === "unlimited" ? 12 : type.max;
  const lengths = { minLength: Math.min(type.min, maxLength), maxLength };
  switch (shapeOf(type)) {
    case "scalar":
      return atom;
    case "optional":
      return fc.option(atom, { nil: undefined });
    case "set": {
      const capped = type.key.type === "boolean" ? { minLength: lengths.minLength, maxLength: 2 } : lengths;
      return fc.uniqueArray(atom, capped).map((atoms) => atoms.sort(compareAtoms));
    }
    case "record":
      return pairsOf(type, lengths).map((pairs) => Object.fromEntries(pairs));
    case "map":
      return pairsOf(type, lengths).map((pairs) => new Map(pairs));
  }
}

function pairsOf(
  type: ColumnType,
  lengths: { readonly minLength: number; readonly maxLength: number },
): fc.Arbitrary<[Atom, Atom][]> {
  const capped =
    type.key.type === "boolean" ? { ...lengths, maxLength: Math.min(2, lengths.maxLength) } : lengths;
  return fc.uniqueArray(fc.tuple(atomOf(type.key.type), atomOf(type.value?.type ?? "string")), {
    ...capped,
    selector: ([key]) => key,
  });
}
