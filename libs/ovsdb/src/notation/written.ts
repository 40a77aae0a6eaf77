/**
 * What may be written where: rows, conditions and mutations of the builder, derived from the row types.
 * Describes only; a wrong column, type or enumeration value does not compile.
 * Turning them into operations is left to database.ts.
 */
import type { BaseRow, DatabaseTypes, TableName } from "./database-schema.ts";
import type { NamedUuid, Reference, Uuid } from "./uuid.ts";

/** A column's value as it is written: wherever a UUID is read, a named one may be written. */
export type Written<V> = V extends Uuid
  ? Reference
  : V extends string | number | boolean | undefined
    ? V
    : V extends readonly (infer Item)[]
      ? readonly Written<Item>[]
      : V extends ReadonlyMap<infer Key, infer Item>
        ? ReadonlyMap<Key, Written<Item>>
        : { readonly [Key in keyof V]: Written<V[Key]> };

type ColumnOf<Row> = Exclude<keyof Row, "_uuid"> & string;

/** A new row: columns left out get their default. */
export type InsertRow<D extends DatabaseTypes, T extends TableName<D>> = {
  readonly [C in ColumnOf<D[T]["row"]>]?: Written<D[T]["row"][C]>;
};

/** Columns to overwrite: an optional one is emptied by `undefined`. */
export type UpdateRow<D extends DatabaseTypes, T extends TableName<D>> = {
  readonly [C in Exclude<ColumnOf<D[T]["row"]>, D[T]["immutable"]>]?: Written<D[T]["row"][C]>;
};

/** Column names as they are used in `columns`: any of them, or `_uuid`. */
export type AnyColumn<Row> = keyof Row & string;

type Comparison<V> = [V] extends [number | undefined]
  ? "<" | "<=" | "==" | "!=" | ">=" | ">"
  : "==" | "!=" | "includes" | "excludes";

/** `[column, function, value]`, RFC 7047 section 5.1; `includes` and `excludes` take part of a set or map. */
export type Condition<Row> = {
  readonly [C in keyof Row & string]: readonly [C, Comparison<Row[C]>, Written<Row[C]>];
}[keyof Row & string];

/** Which rows: one by its UUID or its name in this transaction, or all rows that meet every condition (`[]`: every row). */
export type Where<Row extends BaseRow> = Uuid | NamedUuid | readonly Condition<Row>[];

type MutationOf<C extends string, V> = [V] extends [number | undefined]
  ? readonly [C, "+=" | "-=" | "*=" | "/=" | "%=", number]
  : V extends readonly unknown[]
    ? readonly [C, "insert" | "delete", Written<V>]
    : V extends ReadonlyMap<infer Key, unknown>
      ? readonly [C, "insert", Written<V>] | readonly [C, "delete", Written<V> | readonly Key[]]
      : V extends Readonly<Record<string, unknown>>
        ? readonly [C, "insert", Written<V>] | readonly [C, "delete", Written<V> | readonly string[]]
        : never;

/** `[column, mutator, value]`; a map's `insert` keeps keys that are there already, its `delete` takes keys or whole pairs. */
export type Mutation<D extends DatabaseTypes, T extends TableName<D>> = {
  readonly [C in Exclude<ColumnOf<D[T]["row"]>, D[T]["immutable"]>]: MutationOf<C, D[T]["row"][C]>;
}[Exclude<ColumnOf<D[T]["row"]>, D[T]["immutable"]>];
