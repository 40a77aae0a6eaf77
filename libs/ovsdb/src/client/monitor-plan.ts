/**
 * What to ask a server for: the watched tables and columns, less what its schema lacks.
 * Reads the watched tables and the served schema; returns monitor requests and the names of what is missing.
 * Sending them is left to monitor.ts.
 */
import type { LocalCondition } from "../notation/condition.ts";
import { meets } from "../notation/condition.ts";
import type { DatabaseSchema, TableSchema } from "../notation/database-schema.ts";
import { NotationError } from "../notation/notation-error.ts";
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
  if (typeof condition === "boolean") {
    return condition;
  }
  const [column] = condition;
  if (column === "_uuid" || Object.hasOwn(served.columns, column)) {
    return encodeCondition(table, condition);
  }
  return meets(decodeRow(table, {}, { uuid: zeroUuid, columns: [column] }), condition);
}

/** The same tables under other conditions. Throws a NotationError where a condition does not fit, a RangeError for a table not watched. */
export function withConditions(
  tables: readonly ReplicatedTable[],
  where: Readonly<Record<string, readonly LocalCondition[] | undefined>>,
): readonly ReplicatedTable[] {
  const unknown = Object.keys(where).find((name) => !tables.some((table) => table.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`${unknown} is not watched`);
  }
  return tables.map((table) => {
    const conditions = where[table.name] ?? table.where;
    conditions.forEach((condition) => checkCondition(table, condition));
    return { ...table, where: conditions };
  });
}

/** Only columns that are held can be judged here, as servers without conditions make necessary. */
function checkCondition(table: ReplicatedTable, condition: LocalCondition): void {
  if (typeof condition === "boolean") {
    return;
  }
  const [column] = condition;
  if (column !== "_uuid" && !table.columns.includes(column)) {
    throw new NotationError(`${table.name}.${column}`, "not held by this replica: name it in `columns`");
  }
  encodeCondition(table, condition);
}

/** What monitor_cond_change wants of this plan. */
export function conditionsOf(plan: MonitorPlan): object {
  return Object.fromEntries(
    Object.entries(plan.requests).map(([table, list]) => [
      table,
      list.map(({ where = [true] }) => ({ where })),
    ]),
  );
}

/** The same requests without `where`, for the `monitor` of RFC 7047, which knows none. */
export function withoutWhere(requests: MonitorPlan["requests"]): MonitorPlan["requests"] {
  return Object.fromEntries(
    Object.entries(requests).map(([table, list]) => [table, list.map(({ columns }) => ({ columns }))]),
  );
}
