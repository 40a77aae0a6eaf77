/**
 * The typed builder: `database(OvnNorthbound).insert("Logical_Switch", { name: "a" })` is a plain operation.
 * Reads a schema and typed rows, returns operations; unknown columns and wrong types do not compile, and throw from untyped code.
 * Sending operations, all of one round in one transaction, is left to the client.
 */
import type { DatabaseSchema, DatabaseTypes, RowOf, TableName } from "./database-schema.ts";
import { checkedName } from "./encode.ts";
import { isArray } from "./json.ts";
import { NotationError } from "./notation-error.ts";
import type {
  DeleteOperation,
  InsertOperation,
  MutateOperation,
  OperationResult,
  SelectOperation,
  UpdateOperation,
  WaitOperation,
} from "./operation.ts";
import type { NamedTable } from "./rows.ts";
import { decodeRow, encodeCondition, encodeMutation, encodeRow } from "./rows.ts";
import type { Uuid } from "./uuid.ts";
import { isUuid } from "./uuid.ts";
import type { ConditionFunction, Mutator, WireCondition } from "./wire.ts";
import type { AnyColumn, InsertRow, Mutation, UpdateRow, Where } from "./written.ts";

/** What a `wait` waits for. */
export interface Awaited<D extends DatabaseTypes, T extends TableName<D>> {
  readonly until: "==" | "!=";
  /** The rows that `where` must (or must not) select, by these columns. */
  readonly rows: readonly InsertRow<D, T>[];
  /** The columns compared; by default those of the first row, or `_uuid` where `rows` is empty. */
  readonly columns?: readonly AnyColumn<RowOf<D, T>>[];
  /** 0, the default, checks once and fails with "timed out"; more than that holds the transaction up. */
  readonly timeoutMs?: number;
}

export interface Database<D extends DatabaseTypes> {
  readonly schema: DatabaseSchema<D>;
  /**
   * `as`: a name for references in this transaction, or `{ uuid }` to choose the row's UUID oneself (servers since Open vSwitch 2.13;
   * older ones refuse the operation with "syntax error"). Left out, the server chooses and answers one.
   */
  insert<T extends TableName<D>>(
    table: T,
    row: InsertRow<D, T>,
    as?: string | { readonly uuid: Uuid },
  ): InsertOperation;
  select<T extends TableName<D>>(
    table: T,
    where: Where<RowOf<D, T>>,
    columns?: readonly AnyColumn<RowOf<D, T>>[],
  ): SelectOperation;
  update<T extends TableName<D>>(table: T, where: Where<RowOf<D, T>>, row: UpdateRow<D, T>): UpdateOperation;
  mutate<T extends TableName<D>>(
    table: T,
    where: Where<RowOf<D, T>>,
    mutations: readonly Mutation<D, T>[],
  ): MutateOperation;
  delete<T extends TableName<D>>(table: T, where: Where<RowOf<D, T>>): DeleteOperation;
  wait<T extends TableName<D>>(table: T, where: Where<RowOf<D, T>>, awaited: Awaited<D, T>): WaitOperation;
  /** The typed rows that a `select` of all columns answered; columns the answer lacks get their default. */
  rows<T extends TableName<D>>(table: T, result: OperationResult | undefined): readonly RowOf<D, T>[];
}

export function database<D extends DatabaseTypes>(schema: DatabaseSchema<D>): Database<D> {
  const named = (name: string): NamedTable => tableOf(schema, name);
  return {
    schema,
    insert: (table, row, as) => ({
      op: "insert",
      table,
      row: encodeRow(named(table), row),
      ...(as === undefined ? {} : encodeIdentity(as, table)),
    }),
    select: (table, where, columns) => ({
      op: "select",
      table,
      where: encodeWhere(named(table), where),
      ...(columns === undefined ? {} : { columns }),
    }),
    update: (table, where, row) => ({
      op: "update",
      table,
      where: encodeWhere(named(table), where),
      row: encodeRow(named(table), row),
    }),
    mutate: (table, where, mutations) => ({
      op: "mutate",
      table,
      where: encodeWhere(named(table), where),
      mutations: mutations.map((mutation) => encodeMutation(named(table), mutation as LooseMutation)),
    }),
    delete: (table, where) => ({ op: "delete", table, where: encodeWhere(named(table), where) }),
    wait: (table, where, awaited) => ({
      op: "wait",
      table,
      where: encodeWhere(named(table), where),
      columns: awaited.columns ?? comparedColumns(awaited.rows[0]),
      until: awaited.until,
      rows: awaited.rows.map((row) => encodeRow(named(table), row)),
      timeout: awaited.timeoutMs ?? 0,
    }),
    rows: (table, result) => decodeRows(named(table), result) as readonly RowOf<D, typeof table>[],
  };
}

function encodeIdentity(
  as: string | { readonly uuid: Uuid },
  table: string,
): Pick<InsertOperation, "uuid" | "uuid-name"> {
  if (typeof as === "string") {
    return { "uuid-name": checkedName(as, table) };
  }
  if (!isUuid(as.uuid)) {
    throw new NotationError(`${table}._uuid`, `"${String(as.uuid)}" is no UUID in lower case`);
  }
  return { uuid: as.uuid };
}

/** A table's name with its schema; throws a NotationError where the database has none of that name. */
export function tableOf<D extends DatabaseTypes>(schema: DatabaseSchema<D>, name: string): NamedTable {
  const table = Object.hasOwn(schema.tables, name) ? schema.tables[name] : undefined;
  if (table === undefined) {
    throw new NotationError(name, `no such table in ${schema.name}`);
  }
  return { name, schema: table };
}

/** Conditions as they are written, whichever row they are of. */
type LooseCondition = readonly [column: string, fn: ConditionFunction, value: unknown];
type LooseMutation = readonly [column: string, mutator: Mutator, operand: unknown];

/** The parameter types of the builder and of `monitor` have checked the conditions; here only their values are. */
export function encodeWhere(table: NamedTable, where: unknown): readonly WireCondition[] {
  if (isArray(where)) {
    return where.map((condition) => encodeCondition(table, condition as LooseCondition));
  }
  return [encodeCondition(table, ["_uuid", "==", where])];
}

function comparedColumns(row: object | undefined): readonly string[] {
  return row === undefined ? ["_uuid"] : Object.keys(row);
}

function decodeRows(table: NamedTable, result: OperationResult | undefined): readonly object[] {
  return (result?.rows ?? []).map((wire) => {
    const [, uuid] = isArray(wire["_uuid"]) ? wire["_uuid"] : [];
    if (!isUuid(uuid)) {
      throw new NotationError(
        `${table.name}._uuid`,
        "the answer has no UUID: select without `columns`, or with _uuid",
      );
    }
    return decodeRow(table, wire, { uuid, columns: Object.keys(table.schema.columns) });
  });
}
