/**
 * The wire → friendly values, driven by the column's type; sets come out sorted, maps with text keys as records.
 * Reads answers as unknown and checks every atom, so what leaves here has the type that the schema says.
 * Rows and their missing columns are left to rows.ts.
 */
import type { AtomicType, ColumnType } from "./column-type.ts";
import { shapeOf } from "./column-type.ts";
import { isArray } from "./json.ts";
import { NotationError } from "./notation-error.ts";
import { isUuid } from "./uuid.ts";
import type { Atom, Value } from "./value.ts";
import { compareAtoms } from "./value.ts";

/** Integers beyond 2^53 (counters of very old interfaces) come rounded, as JSON.parse reads them. */
export function decodeValue(type: ColumnType, wire: unknown, place = "value"): Value {
  switch (shapeOf(type)) {
    case "scalar": {
      const [atom, ...more] = decodeSet(type.key.type, wire, place);
      if (atom === undefined || more.length > 0) {
        throw new NotationError(place, `wants exactly one ${type.key.type}`);
      }
      return atom;
    }
    case "optional": {
      const atoms = decodeSet(type.key.type, wire, place);
      if (atoms.length > 1) {
        throw new NotationError(place, `wants at most one ${type.key.type}`);
      }
      return atoms[0];
    }
    case "set":
      return decodeSet(type.key.type, wire, place);
    case "record":
      // fromEntries defines properties, so even a key named __proto__ stays a plain key.
      return Object.fromEntries(decodePairs(type, wire, place));
    case "map":
      return new Map(decodePairs(type, wire, place));
  }
}

/** A set of one may come as a bare atom (RFC 7047 section 5.1). */
function decodeSet(type: AtomicType, wire: unknown, place: string): readonly Atom[] {
  if (isArray(wire) && wire[0] === "set") {
    const atoms = wire[1];
    if (!isArray(atoms)) {
      throw new NotationError(place, "a set without its elements");
    }
    return atoms.map((atom) => decodeAtom(type, atom, place)).sort(compareAtoms);
  }
  return [decodeAtom(type, wire, place)];
}

function decodePairs(type: ColumnType, wire: unknown, place: string): (readonly [Atom, Atom])[] {
  if (!isArray(wire) || wire[0] !== "map" || !isArray(wire[1])) {
    throw new NotationError(place, "wants a map");
  }
  const valueType = type.value?.type ?? "string";
  return wire[1].map((pair) => {
    if (!isArray(pair) || pair.length !== 2) {
      throw new NotationError(place, "a map holds pairs only");
    }
    return [decodeAtom(type.key.type, pair[0], place), decodeAtom(valueType, pair[1], place)];
  });
}

function decodeAtom(type: AtomicType, wire: unknown, place: string): Atom {
  switch (type) {
    case "string":
      if (typeof wire === "string") {
        return wire;
      }
      break;
    case "boolean":
      if (typeof wire === "boolean") {
        return wire;
      }
      break;
    case "integer":
    case "real":
      if (typeof wire === "number") {
        return wire;
      }
      break;
    case "uuid":
      if (isArray(wire) && wire[0] === "uuid" && isUuid(wire[1])) {
        return wire[1];
      }
      break;
  }
  throw new NotationError(place, `wants ${type}, got ${JSON.stringify(wire)?.slice(0, 80)}`);
}
