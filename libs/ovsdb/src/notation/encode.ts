/**
 * Friendly values → the wire, driven by the column's type.
 * Reads values as unknown, because a program may be untyped; refuses whatever the column cannot hold.
 * Ranges and enumerations are left to the server, whose schema may be newer than ours.
 */
import type { AtomicType, ColumnType } from "./column-type.ts";
import { shapeOf } from "./column-type.ts";
import { isArray, isObject } from "./json.ts";
import { NotationError } from "./notation-error.ts";
import { isId, isUuid } from "./uuid.ts";
import type { WireAtom, WireMap, WireValue } from "./wire.ts";

/** Encodes one column's value; `place` names table and column in the error. */
export function encodeValue(type: ColumnType, value: unknown, place = "value"): WireValue {
  switch (shapeOf(type)) {
    case "scalar":
      return encodeAtom(type.key.type, value, place);
    case "optional":
      return value === undefined ? ["set", []] : encodeAtom(type.key.type, value, place);
    case "set":
      return encodeSet(type.key.type, value, place);
    case "record":
    case "map":
      return encodeMap(type, value, place);
  }
}

/** Encodes a set whatever the column's own shape: a mutation's operand may be a set of a map's keys (RFC 7047 section 5.1). */
export function encodeSet(type: AtomicType, value: unknown, place: string): WireValue {
  if (!isArray(value)) {
    throw new NotationError(place, `wants an array of ${type}, got ${describe(value)}`);
  }
  const atoms = value.map((atom) => encodeAtom(type, atom, place));
  // Servers refuse a set that names an element twice ("set contains duplicate"), where a program means the same set.
  const distinct = new Map(atoms.map((atom) => [JSON.stringify(atom), atom]));
  return ["set", [...distinct.values()]];
}

function encodeMap(type: ColumnType, value: unknown, place: string): WireMap {
  const valueType = type.value?.type ?? "string";
  if (!(value instanceof Map) && !isObject(value)) {
    throw new NotationError(place, `wants a map of ${type.key.type} to ${valueType}, got ${describe(value)}`);
  }
  const pairs: readonly (readonly [unknown, unknown])[] =
    value instanceof Map ? [...value] : Object.entries(value);
  return [
    "map",
    pairs.map(([key, item]) => [
      encodeAtom(type.key.type, key, `${place} key`),
      encodeAtom(valueType, item, `${place}[${String(key)}]`),
    ]),
  ];
}

export function encodeAtom(type: AtomicType, value: unknown, place: string): WireAtom {
  switch (type) {
    case "string":
      if (typeof value === "string") {
        return value;
      }
      break;
    case "boolean":
      if (typeof value === "boolean") {
        return value;
      }
      break;
    case "integer":
      // Beyond 2^53 a JavaScript number is no longer the integer that was meant.
      if (Number.isSafeInteger(value)) {
        return Number(value);
      }
      break;
    case "real":
      if (typeof value === "number" && Number.isFinite(value)) {
        return value;
      }
      break;
    case "uuid":
      return encodeReference(value, place);
  }
  throw new NotationError(place, `wants ${type}, got ${describe(value)}`);
}

function encodeReference(value: unknown, place: string): WireAtom {
  if (isUuid(value)) {
    return ["uuid", value];
  }
  if (isObject(value) && typeof value["named"] === "string") {
    return ["named-uuid", checkedName(value["named"], place)];
  }
  throw new NotationError(place, `wants a UUID or { named: … }, got ${describe(value)}`);
}

/** Refuses what the server would answer with an unspecific syntax error. */
export function checkedName(name: string, place: string): string {
  if (!isId(name)) {
    throw new NotationError(place, `"${name}" is no uuid-name: letters, digits and _ only, no digit first`);
  }
  return name;
}

function describe(value: unknown): string {
  if (typeof value === "number" || value === undefined || value === null) {
    return String(value);
  }
  return JSON.stringify(value)?.slice(0, 80) ?? typeof value;
}
