/**
 * A schema file or a get_schema answer → the normal form (RFC 7047 section 3.2).
 * Reads unknown JSON and refuses, with its place, whatever it cannot vouch for; members it does not know are passed over.
 * Types of single columns are left to parse-column.ts.
 */
import type { DatabaseSchema, TableSchema } from "../notation/database-schema.ts";
import { isArray, isObject } from "../notation/json.ts";
import { parseColumn } from "./parse-column.ts";
import { SchemaError } from "./schema-error.ts";

export function parseSchema(json: unknown): DatabaseSchema {
  if (!isObject(json) || typeof json["name"] !== "string" || !isObject(json["tables"])) {
    throw new SchemaError("schema", "wants an object with name and tables");
  }
  const { name, version, tables } = json;
  return {
    name,
    version: typeof version === "string" ? version : "",
    tables: Object.fromEntries(
      Object.entries(tables).map(([table, body]) => [table, parseTable(body, `${name}.${table}`)]),
    ),
  };
}

function parseTable(json: unknown, place: string): TableSchema {
  if (!isObject(json) || !isObject(json["columns"])) {
    throw new SchemaError(place, "wants an object with columns");
  }
  const { columns, maxRows, isRoot, indexes } = json;
  return {
    columns: Object.fromEntries(
      Object.entries(columns).map(([column, body]) => [column, parseColumn(body, `${place}.${column}`)]),
    ),
    ...(typeof maxRows === "number" ? { maxRows } : {}),
    isRoot: isRoot === true,
    indexes: parseIndexes(indexes, place),
  };
}

function parseIndexes(json: unknown, place: string): readonly (readonly string[])[] {
  if (json === undefined) {
    return [];
  }
  if (!isArray(json)) {
    throw new SchemaError(place, "indexes wants an array");
  }
  return json.map((index) => {
    if (!isArray(index)) {
      throw new SchemaError(place, "an index wants an array of columns");
    }
    return index.map(String);
  });
}
