/**
 * A transaction against the schema that a server has: columns that it lacks are left out of what is written, or named.
 * Reads operations and the served schema; returns operations.
 * Asking the server for its schema is left to client/.
 */
import type { DatabaseSchema, TableSchema } from "../notation/database-schema.ts";
import type { Operation } from "../notation/operation.ts";
import { SchemaError } from "./schema-error.ts";

/** The same operations, one for one, without writes to columns that the server lacks, and the names of those columns. */
export interface FittedOperations {
  readonly operations: readonly Operation[];
  /** `table.column`, each once. */
  readonly dropped: readonly string[];
}

/**
 * Leaves out what is *written* to columns that the server lacks. What is *asked* of them (conditions, waits, columns of a select), and
 * tables that it lacks, change what the transaction means: they throw a SchemaError.
 */
export function fitOperations(operations: readonly Operation[], served: DatabaseSchema): FittedOperations {
  const dropped = new Set<string>();
  const fitted = operations.map((operation) => {
    if (!("table" in operation)) {
      return operation;
    }
    const table = Object.hasOwn(served.tables, operation.table) ? served.tables[operation.table] : undefined;
    if (table === undefined) {
      throw new SchemaError(operation.table, `the server's ${served.name} has no such table`);
    }
    return fit(operation, { table, drop: (column) => void dropped.add(`${operation.table}.${column}`) });
  });
  return { operations: fitted, dropped: [...dropped] };
}

interface Server {
  readonly table: TableSchema;
  readonly drop: (column: string) => void;
}

function fit(operation: Extract<Operation, { readonly table: string }>, server: Server): Operation {
  const asked = askedColumns(operation).find((column) => !has(server, column));
  if (asked !== undefined) {
    throw new SchemaError(`${operation.table}.${asked}`, "the server has no such column to ask for");
  }
  switch (operation.op) {
    case "insert":
    case "update":
      return { ...operation, row: Object.fromEntries(written(Object.entries(operation.row), server)) };
    case "mutate":
      return { ...operation, mutations: written(operation.mutations, server) };
    case "select":
    case "delete":
    case "wait":
      return operation;
  }
}

/** What is kept of a list whose items each begin with a column. */
function written<Item extends readonly [string, ...unknown[]]>(
  items: readonly Item[],
  server: Server,
): readonly Item[] {
  return items.filter(([column]) => {
    const there = has(server, column);
    if (!there) {
      server.drop(column);
    }
    return there;
  });
}

function askedColumns(operation: Extract<Operation, { readonly table: string }>): readonly string[] {
  const where = "where" in operation ? operation.where.map(([column]) => column) : [];
  const columns = "columns" in operation ? (operation.columns ?? []) : [];
  return [...where, ...columns];
}

/** `_uuid` and `_version` are in every table and in no schema (RFC 7047 section 3.2). */
function has({ table }: Server, column: string): boolean {
  return column === "_uuid" || column === "_version" || Object.hasOwn(table.columns, column);
}
