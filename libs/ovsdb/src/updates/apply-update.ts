/**
 * One row before and its update → the row after.
 * Reads a row and a row update; returns a new row, or none, and changes nothing.
 * Keeping the rows is left to replica/.
 */
import type { UntypedRow } from "../notation/database-schema.ts";
import { decodeValue } from "../notation/decode.ts";
import type { NamedTable } from "../notation/rows.ts";
import { columnOf, decodeRow } from "../notation/rows.ts";
import type { Value } from "../notation/value.ts";
import { applyDiff } from "./apply-diff.ts";
import { InconsistentUpdate } from "./inconsistent-update.ts";
import type { RowUpdate } from "./row-update.ts";

/** A table with the columns that rows are to have; columns that come unasked are passed over. */
export interface UpdatedTable extends NamedTable {
  readonly columns: readonly string[];
}

export function applyUpdate(
  table: UpdatedTable,
  before: UntypedRow | undefined,
  update: RowUpdate,
): UntypedRow | undefined {
  switch (update.kind) {
    case "delete":
      return undefined;
    case "whole":
      return decodeRow(table, update.columns, { uuid: update.uuid, columns: table.columns });
    case "diff": {
      if (before === undefined) {
        throw new InconsistentUpdate(`a change of ${table.name} ${update.uuid}, which was never sent`);
      }
      const changed: Record<string, Value> = {};
      for (const column of table.columns) {
        if (Object.hasOwn(update.columns, column)) {
          const { type } = columnOf(table, column);
          const diff = decodeValue(type, update.columns[column], `${table.name}.${column}`);
          changed[column] = applyDiff(type, before[column], diff);
        }
      }
      return { ...before, ...changed };
    }
  }
}
