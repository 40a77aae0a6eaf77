/**
 * One column of a schema → its normal form: the three ways to spell a type (RFC 7047 section 3.2) become one.
 * Reads unknown JSON.
 * Tables and indexes are left to parse-schema.ts.
 */
import type { AtomicType, BaseType, ColumnSchema, ColumnType } from "../notation/column-type.ts";
import { isArray, isObject } from "../notation/json.ts";
import { compareAtoms } from "../notation/value.ts";
import { SchemaError } from "./schema-error.ts";

const atomicTypes: readonly AtomicType[] = ["integer", "real", "boolean", "string", "uuid"];
const bounds = ["minInteger", "maxInteger", "minReal", "maxReal", "minLength", "maxLength"] as const;

export function parseColumn(json: unknown, place: string): ColumnSchema {
  if (!isObject(json)) {
    throw new SchemaError(place, "wants an object");
  }
  return {
    type: parseColumnType(json["type"], place),
    mutable: json["mutable"] !== false,
    ephemeral: json["ephemeral"] === true,
  };
}

export function parseColumnType(json: unknown, place: string): ColumnType {
  if (!isObject(json)) {
    return { key: parseBaseType(json, place), min: 1, max: 1 };
  }
  const { key, value, min = 1, max = 1 } = json;
  if (min !== 0 && min !== 1) {
    throw new SchemaError(place, `min wants 0 or 1, got ${String(min)}`);
  }
  if (max !== "unlimited" && !(typeof max === "number" && Number.isInteger(max) && max >= 1)) {
    throw new SchemaError(place, `max wants a whole number or "unlimited", got ${String(max)}`);
  }
  return {
    key: parseBaseType(key, place),
    ...(value === undefined ? {} : { value: parseBaseType(value, place) }),
    min,
    max,
  };
}

function parseBaseType(json: unknown, place: string): BaseType {
  if (!isObject(json)) {
    return { type: parseAtomicType(json, place) };
  }
  const { enum: values, refTable, refType } = json;
  return {
    type: parseAtomicType(json["type"], place),
    ...(values === undefined ? {} : { enum: parseEnum(values, place) }),
    ...Object.fromEntries(
      bounds.flatMap((bound) => (typeof json[bound] === "number" ? [[bound, json[bound]]] : [])),
    ),
    ...(typeof refTable === "string" ? { refTable, refType: refType === "weak" ? "weak" : "strong" } : {}),
  };
}

function parseAtomicType(json: unknown, place: string): AtomicType {
  const found = atomicTypes.find((type) => type === json);
  if (found === undefined) {
    throw new SchemaError(place, `unknown type ${JSON.stringify(json)}`);
  }
  return found;
}

/** Either one bare value or ["set", [values]]; sorted, as servers do, because it is a set. */
function parseEnum(json: unknown, place: string): readonly (string | number | boolean)[] {
  const values = isArray(json) && json[0] === "set" ? json[1] : [json];
  if (!isArray(values)) {
    throw new SchemaError(place, "enum wants a set");
  }
  const atoms = values.map((value) => {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new SchemaError(place, "enum wants plain values");
    }
    return value;
  });
  return atoms.sort(compareAtoms);
}
