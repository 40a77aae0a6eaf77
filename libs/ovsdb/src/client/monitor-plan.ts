/**
 * What to ask a server for: the watched tables and columns, less what its schema lacks.
 * Reads the watched tables and the served schema; returns monitor requests and the names of what is missing.
 * Sending them is left to monitor.ts.
 */
import type { LocalCondition } from "../notation/condition.ts";
import { meets } from "../notation/condition.ts";
import type { DatabaseSchema, TableSchema } from "../notation/database-schema.ts";
import { decodeRow, encodeCondition } from "../notation/rows.ts";
import { zeroUuid } from "../notation/uuid.ts";
import type { WireCondition } from "../notation/wire.ts";
import type { ReplicatedTable } from "../replica/replica.ts";
import { servedColumns } from "../schema/compare-schema.ts";

export interface MonitorRequest {
  readonly columns: readonly string[];
  readonly where?: readonly (WireCondition | boolean)[];
}

export interface MonitorPlan {
  readonly requests: { readonly [table: string]: readonly MonitorRequest[] };
  readonly missing: readonly string[];
}

export function planMonitor(tables: readonly ReplicatedTable[], served: DatabaseSchema): MonitorPlan {
  const requests: Record<string, readonly MonitorRequest[]> = {};
  const missing: string[] = [];
  for (const table of tables) {
    const theirs = Object.hasOwn(served.tables, table.name) ? served.tables[table.name] : undefined;
    if (theirs === undefined) {
      missing.push(table.name);
      continue;
    }
    const columns = servedColumns(
      { place: table.name, schema: table.schema, columns: table.columns },
      theirs,
    );
    missing.push(...columns.missing.map((column) => `${table.name}.${column}`));
    const where = table.where.map((condition) => planCondition(table, condition, theirs));
    requests[table.name] = [{ columns: columns.served, ...(where.length === 0 ? {} : { where }) }];
  }
  return { requests, missing };
}

/** A condition on a column that the server lacks holds for every row or for none, as it does for the column's default. */
function planCondition(
  table: ReplicatedTable,
  condition: LocalCondition,
  served: TableSchema,
): WireCondition | boolean {
  const [column] = condition;
  if (column === "_uuid" || Object.hasOwn(served.columns, column)) {
    return encodeCondition(table, condition);
  }
  return meets(decodeRow(table, {}, { uuid: zeroUuid, columns: [column] }), condition);
}

/** The same requests without `where`, for the `monitor` of RFC 7047, which knows none. */
export function withoutWhere(requests: MonitorPlan["requests"]): MonitorPlan["requests"] {
  return Object.fromEntries(
    Object.entries(requests).map(([table, list]) => [table, list.map(({ columns }) => ({ columns }))]),
  );
}
