/**
 * The schema that a program was written for against the one that a server has: which columns can be asked for?
 * Reads both schemas and the columns wanted; what the server lacks is named, what it spells differently is refused.
 * Asking is left to client/.
 */
import type { ColumnType } from "../notation/column-type.ts";
import { shapeOf } from "../notation/column-type.ts";
import type { TableSchema } from "../notation/database-schema.ts";
import { SchemaError } from "./schema-error.ts";

export interface ServedColumns {
  readonly served: readonly string[];
  readonly missing: readonly string[];
}

export function servedColumns(
  wanted: { readonly place: string; readonly schema: TableSchema; readonly columns: readonly string[] },
  served: TableSchema,
): ServedColumns {
  const missing: string[] = [];
  const found: string[] = [];
  for (const column of wanted.columns) {
    const ours = wanted.schema.columns[column];
    const theirs = Object.hasOwn(served.columns, column) ? served.columns[column] : undefined;
    if (ours === undefined) {
      throw new SchemaError(`${wanted.place}.${column}`, "no such column");
    }
    if (theirs === undefined) {
      missing.push(column);
      continue;
    }
    if (!sameForm(ours.type, theirs.type)) {
      throw new SchemaError(`${wanted.place}.${column}`, "the server's column has another type");
    }
    found.push(column);
  }
  return { served: found, missing };
}

/** Ranges, enumerations and references may differ; how a value is written, and how update2 tells a change, may not. */
function sameForm(ours: ColumnType, theirs: ColumnType): boolean {
  return (
    ours.key.type === theirs.key.type &&
    ours.value?.type === theirs.value?.type &&
    shapeOf(ours) === shapeOf(theirs) &&
    (ours.max === 1) === (theirs.max === 1)
  );
}
