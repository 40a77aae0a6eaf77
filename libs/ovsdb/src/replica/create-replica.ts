/**
 * A schema and a watch → an empty replica with the rows' types.
 * Reads which columns are wanted; columns in `where` are held too, so that old servers' rows can be filtered here.
 * Filling it is left to client/.
 */
import type { DatabaseSchema, DatabaseTypes, UntypedRow } from "../notation/database-schema.ts";
import { tableOf } from "../notation/database.ts";
import { columnOf } from "../notation/rows.ts";
import type { ReplicatedTable } from "./replica.ts";
import { ReplicaStore } from "./replica.ts";
import type { TableWatch, Watch, WatchedRows } from "./watch.ts";

export function createReplica<D extends DatabaseTypes, const W extends Watch<D>>(
  schema: DatabaseSchema<D>,
  watch: W,
): ReplicaStore<WatchedRows<D, W>> {
  return new ReplicaStore(replicatedTables(schema, watch));
}

/** The tables of a watch with their columns and indexes; throws a NotationError for a column that the schema lacks. */
export function replicatedTables<D extends DatabaseTypes>(
  schema: DatabaseSchema<D>,
  watch: Watch<D>,
): readonly ReplicatedTable[] {
  return watchedTables(watch).map(([name, { columns, where = [], indexes = [] }]) => {
    const table = tableOf(schema, name);
    const all = Object.keys(table.schema.columns);
    const deciding = where.flatMap((condition) => (typeof condition === "boolean" ? [] : [condition[0]]));
    const held = columns === undefined ? all : [...new Set([...columns, ...deciding])];
    const kept = held.filter((column) => column !== "_uuid");
    kept.forEach((column) => columnOf(table, column));
    return {
      ...table,
      columns: kept,
      where,
      indexes: [...table.schema.indexes, ...indexes.map((index) => [index].flat())].filter((index) =>
        index.every((column) => kept.includes(column.split(":", 1)[0] ?? column)),
      ),
    };
  });
}

/** A watch's tables without their row types, which have done their work by here. */
export function watchedTables<D extends DatabaseTypes>(
  watch: Watch<D>,
): readonly (readonly [table: string, watch: TableWatch<UntypedRow>])[] {
  return Object.entries(watch).flatMap(([name, body]) =>
    body === undefined ? [] : [[name, body as unknown as TableWatch<UntypedRow>] as const],
  );
}
