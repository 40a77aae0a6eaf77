/**
 * A database's schema in normal form, and the row types that travel with it at no cost at run time.
 * Describes only; generated/ holds three of them, schema/ parses any other out of get_schema.
 * Choosing what to do with a table is left to the callers.
 */
import type { ColumnSchema } from "./column-type.ts";
import type { Uuid } from "./uuid.ts";
import type { Value } from "./value.ts";

export interface TableSchema {
  readonly columns: { readonly [column: string]: ColumnSchema };
  readonly maxRows?: number;
  /** False: a row that nothing refers to strongly is collected by the server at the end of the transaction. */
  readonly isRoot: boolean;
  /** Each index is a list of columns whose values are together unique in the table. */
  readonly indexes: readonly (readonly string[])[];
}

export interface BaseRow {
  readonly _uuid: Uuid;
}

/** A row of a table whose columns are known at run time only. */
export interface UntypedRow extends BaseRow {
  readonly [column: string]: Value;
}

/** One table's types: the row as it is read, and which columns can be written in an insert only. */
export interface TableTypes {
  readonly row: BaseRow;
  readonly immutable: string;
}
export type DatabaseTypes = { readonly [table: string]: TableTypes };
export type UntypedDatabase = {
  readonly [table: string]: { readonly row: UntypedRow; readonly immutable: never };
};

declare const types: unique symbol;

export interface DatabaseSchema<D extends DatabaseTypes = UntypedDatabase> {
  readonly name: string;
  readonly version: string;
  readonly tables: { readonly [table: string]: TableSchema };
  /** Never present: carries the row types of the database. */
  readonly [types]?: D;
}

export type TableName<D extends DatabaseTypes> = keyof D & string;
/** The row of a table as it is read: `RowOf<OvnNorthbound, "Logical_Switch">`. */
export type RowOf<D extends DatabaseTypes, T extends TableName<D>> = D[T]["row"];
