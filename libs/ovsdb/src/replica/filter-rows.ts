/**
 * The `where` of a watch, applied here: for `monitor` of RFC 7047, whose servers send every row.
 * Reads row updates with whole rows; a row that meets no condition becomes one that is gone.
 * Servers that filter by themselves (monitor_cond) are left to do so.
 */
import { meets } from "../notation/condition.ts";
import type { LocalCondition } from "../notation/condition.ts";
import { applyUpdate } from "../updates/apply-update.ts";
import type { UpdatedTable } from "../updates/apply-update.ts";
import type { RowUpdate } from "../updates/row-update.ts";

export interface FilteredTable extends UpdatedTable {
  /** Any of them must hold; none: every row is held. */
  readonly where: readonly LocalCondition[];
}

export function filterRows(
  tables: ReadonlyMap<string, FilteredTable>,
  updates: readonly RowUpdate[],
): readonly RowUpdate[] {
  return updates.map((update) => {
    const table = tables.get(update.table);
    if (table === undefined || table.where.length === 0 || update.kind !== "whole") {
      return update;
    }
    const row = applyUpdate(table, undefined, update);
    const held = row !== undefined && table.where.some((condition) => meets(row, condition));
    return held ? update : { table: update.table, uuid: update.uuid, kind: "delete" };
  });
}
