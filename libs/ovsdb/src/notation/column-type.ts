/**
 * RFC 7047 section 3.2: the type of a column, in the one normal form that schema and codecs share.
 * Reads a column type; says which friendly shape its values have and what its default value is.
 * Parsing it out of a schema is left to schema/, converting values to the codecs.
 */
import type { Atom, Value } from "./value.ts";
import { zeroUuid } from "./uuid.ts";

export type AtomicType = "integer" | "real" | "boolean" | "string" | "uuid";

export interface BaseType {
  readonly type: AtomicType;
  readonly enum?: readonly (string | number | boolean)[];
  readonly minInteger?: number;
  readonly maxInteger?: number;
  readonly minReal?: number;
  readonly maxReal?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly refTable?: string;
  readonly refType?: "strong" | "weak";
}

export interface ColumnType {
  readonly key: BaseType;
  readonly value?: BaseType;
  readonly min: number;
  readonly max: number | "unlimited";
}

export interface ColumnSchema {
  readonly type: ColumnType;
  readonly mutable: boolean;
  readonly ephemeral: boolean;
}

/** `scalar`: one value; `optional`: one or undefined; `set`: a sorted array; `record`: a map with text keys; `map`: any other map. */
export type Shape = "scalar" | "optional" | "set" | "record" | "map";

export function shapeOf(type: ColumnType): Shape {
  if (type.value !== undefined) {
    return type.key.type === "string" || type.key.type === "uuid" ? "record" : "map";
  }
  if (type.max !== 1) {
    return "set";
  }
  return type.min === 0 ? "optional" : "scalar";
}

/**
 * The value of a column that was never written (RFC 7047 section 5.2.1): update2 leaves such columns out of its rows. A set or map that must
 * not be empty begins with one default element.
 */
export function defaultValue(type: ColumnType): Value {
  const atom = defaultAtom(type.key.type);
  switch (shapeOf(type)) {
    case "optional":
      return undefined;
    case "set":
      return type.min === 0 ? [] : [atom];
    case "record":
      return Object.fromEntries(defaultPairs(type));
    case "map":
      return new Map(defaultPairs(type));
    case "scalar":
      return atom;
  }
}

function defaultPairs({ key, value, min }: ColumnType): readonly (readonly [Atom, Atom])[] {
  return min === 0 ? [] : [[defaultAtom(key.type), defaultAtom(value?.type ?? "string")]];
}

function defaultAtom(type: AtomicType): Atom {
  switch (type) {
    case "integer":
    case "real":
      return 0;
    case "boolean":
      return false;
    case "string":
      return "";
    case "uuid":
      return zeroUuid;
  }
}

/** `_uuid` is in every table and in no schema (RFC 7047 section 3.2). */
export const uuidColumn: ColumnSchema = {
  type: { key: { type: "uuid" }, min: 1, max: 1 },
  mutable: false,
  ephemeral: false,
};
