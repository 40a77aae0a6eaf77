/**
 * Whole rows between the wire and friendly values, and the encoding of conditions and mutations over their columns.
 * Reads a table's schema and rows; columns that a server left out come back as their default.
 * Single values are left to encode.ts and decode.ts.
 */
import type { ColumnSchema, ColumnType } from "./column-type.ts";
import { defaultValue, shapeOf, uuidColumn } from "./column-type.ts";
import type { TableSchema, UntypedRow } from "./database-schema.ts";
import { decodeValue } from "./decode.ts";
import { encodeAtom, encodeSet, encodeValue } from "./encode.ts";
import { isArray } from "./json.ts";
import { NotationError } from "./notation-error.ts";
import type { Uuid } from "./uuid.ts";
import type { Value } from "./value.ts";
import type { ConditionFunction, Mutator, WireCondition, WireMutation, WireRow, WireValue } from "./wire.ts";

/** A table's name with its schema: what an error needs to name its place. */
export interface NamedTable {
  readonly name: string;
  readonly schema: TableSchema;
}

export function columnOf(table: NamedTable, column: string): ColumnSchema {
  if (column === "_uuid") {
    return uuidColumn;
  }
  const found = Object.hasOwn(table.schema.columns, column) ? table.schema.columns[column] : undefined;
  if (found === undefined) {
    throw new NotationError(`${table.name}.${column}`, "no such column");
  }
  return found;
}

export function encodeRow(table: NamedTable, row: object): WireRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      encodeValue(columnOf(table, column).type, value, `${table.name}.${column}`),
    ]),
  );
}

/** Decodes the columns that both the row and `columns` have; the others get their default. */
export function decodeRow(
  table: NamedTable,
  wire: Readonly<Record<string, unknown>>,
  options: { readonly uuid: Uuid; readonly columns: readonly string[] },
): UntypedRow {
  const row: Record<string, Value> & { _uuid: Uuid } = { _uuid: options.uuid };
  for (const column of options.columns) {
    const { type } = columnOf(table, column);
    row[column] = Object.hasOwn(wire, column)
      ? decodeValue(type, wire[column], `${table.name}.${column}`)
      : defaultValue(type);
  }
  return row;
}

export function encodeCondition(
  table: NamedTable,
  condition: readonly [column: string, fn: ConditionFunction, value: unknown],
): WireCondition {
  const [column, fn, value] = condition;
  return [column, fn, encodeValue(columnOf(table, column).type, value, `${table.name}.${column}`)];
}

export function encodeMutation(
  table: NamedTable,
  mutation: readonly [column: string, mutator: Mutator, operand: unknown],
): WireMutation {
  const [column, mutator, operand] = mutation;
  const place = `${table.name}.${column}`;
  return [column, mutator, encodeOperand(columnOf(table, column).type, { mutator, operand, place })];
}

function encodeOperand(
  type: ColumnType,
  given: { readonly mutator: Mutator; readonly operand: unknown; readonly place: string },
): WireValue {
  const { mutator, operand, place } = given;
  if (mutator !== "insert" && mutator !== "delete") {
    // Arithmetic on a set of numbers takes one number for all of them.
    return encodeAtom(type.key.type, operand, place);
  }
  const shape = shapeOf(type);
  const keysOnly = mutator === "delete" && (shape === "record" || shape === "map") && isArray(operand);
  return keysOnly ? encodeSet(type.key.type, operand, place) : encodeValue(type, operand, place);
}
