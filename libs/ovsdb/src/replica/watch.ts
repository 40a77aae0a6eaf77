/**
 * Which tables, columns and rows a replica holds, and the row types that follow from it.
 * Describes, and plans one table from its schema.
 * Asking a server for them is left to client/.
 */
import type { BaseRow, DatabaseTypes, RowOf, TableName } from "../notation/database-schema.ts";
import type { Condition } from "../notation/written.ts";

/** A column, or one key of a map column as `external_ids:owner`. */
export type IndexColumn<Row> =
  | (keyof Row & string)
  | {
      [C in keyof Row & string]: Row[C] extends readonly unknown[] | ReadonlyMap<unknown, unknown>
        ? never
        : Row[C] extends object
          ? `${C}:${string}`
          : never;
    }[keyof Row & string];

/** A condition, or `true` for every row, `false` for none. */
export type WatchCondition<Row> = Condition<Row> | boolean;

export interface TableWatch<Row extends BaseRow> {
  /** Columns to hold; all of them unless given. `_uuid` always is. */
  readonly columns?: readonly (keyof Row & string)[];
  /** Rows to hold: those that meet *any* of the conditions (ovsdb-server(7) section 4.1.12); all of them for `[]` or unless given. */
  readonly where?: readonly WatchCondition<Row>[];
  /** Columns that `find` shall find quickly, beside the schema's own indexes; a list of columns is one compound index. */
  readonly indexes?: readonly (IndexColumn<Row> | readonly IndexColumn<Row>[])[];
}

export type Watch<D extends DatabaseTypes> = {
  readonly [T in TableName<D>]?: TableWatch<RowOf<D, T>>;
};

/** Rows by table. */
export type Rows = { readonly [table: string]: BaseRow };

/** New conditions for tables of a replica, over the columns that it holds; tables left out keep theirs. */
export type Conditions<R extends Rows> = {
  readonly [T in keyof R]?: readonly WatchCondition<R[T]>[];
};

/** The rows that a replica of this watch holds: picked columns where columns were named. */
export type WatchedRows<D extends DatabaseTypes, W extends Watch<D>> = {
  readonly [T in keyof W & TableName<D>]: W[T] extends { readonly columns: readonly (infer C)[] }
    ? Pick<RowOf<D, T>, (C & keyof RowOf<D, T>) | "_uuid">
    : RowOf<D, T>;
};
