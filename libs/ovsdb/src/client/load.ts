/**
 * Asks a server for the rows of a monitor, by the newest method that it has (ovsdb-server(7) sections 4.1.5, 4.1.12, 4.1.15).
 * Reads a plan and where the rows stopped; returns what the server answered in one form.
 * Applying it, and what comes after it, is left to monitor.ts.
 */
import { isArray } from "../notation/json.ts";
import { NotationError } from "../notation/notation-error.ts";
import { OvsdbError } from "../notation/ovsdb-error.ts";
import { isUuid, zeroUuid } from "../notation/uuid.ts";
import type { FilteredTable } from "../replica/filter-rows.ts";
import { filterRows } from "../replica/filter-rows.ts";
import type { RowUpdate } from "../updates/row-update.ts";
import { readUpdate, readUpdate2 } from "../updates/row-update.ts";
import type { MonitorPlan } from "./monitor-plan.ts";
import { withoutWhere } from "./monitor-plan.ts";

export const monitorMethods = ["monitor_cond_since", "monitor_cond", "monitor"] as const;
export type MonitorMethod = (typeof monitorMethods)[number];

export interface LoadRequest {
  readonly id: string;
  readonly database: string;
  readonly plan: MonitorPlan;
  readonly tables: ReadonlyMap<string, FilteredTable>;
  /** Tried in turn while the server answers "unknown method". */
  readonly methods: readonly MonitorMethod[];
  /** The last transaction whose rows are there already; all zeroes: none. */
  readonly since: string;
}

/** What a monitor method answered: rows to add to what is there (`resumed`), or all of them. */
export interface Loaded {
  /** Undefined where there was nothing to ask for. */
  readonly method: MonitorMethod | undefined;
  readonly resumed: boolean;
  readonly transaction: string;
  readonly updates: readonly RowUpdate[];
}

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

export async function load(ask: Ask, request: LoadRequest): Promise<Loaded> {
  if (Object.keys(request.plan.requests).length === 0) {
    return { method: undefined, resumed: false, transaction: zeroUuid, updates: [] };
  }
  let refused: unknown;
  for (const method of request.methods) {
    try {
      return await loadBy(method, ask, request);
    } catch (error) {
      if (!isUnknownMethod(error)) {
        throw error;
      }
      refused = error;
    }
  }
  throw refused;
}

export function isUnknownMethod(error: unknown): boolean {
  return error instanceof OvsdbError && error.code === "unknown method";
}

async function loadBy(method: MonitorMethod, ask: Ask, request: LoadRequest): Promise<Loaded> {
  const { id, database, plan, tables, since } = request;
  const whole = { method, resumed: false, transaction: zeroUuid };
  switch (method) {
    case "monitor_cond_since":
      return readLoaded(await ask(method, [database, id, plan.requests, since]));
    case "monitor_cond":
      return { ...whole, updates: readUpdate2(await ask(method, [database, id, plan.requests])) };
    case "monitor": {
      const answer = await ask(method, [database, id, withoutWhere(plan.requests)]);
      return { ...whole, updates: filterRows(tables, readUpdate(answer)) };
    }
  }
}

function readLoaded(json: unknown): Loaded {
  if (!isArray(json)) {
    throw new NotationError("monitor_cond_since", "wants [found, last-txn-id, updates]");
  }
  const [found, transaction, updates] = json;
  return {
    method: "monitor_cond_since",
    resumed: found === true,
    transaction: transactionOf(transaction),
    updates: readUpdate2(updates),
  };
}

export function transactionOf(json: unknown): string {
  return isUuid(json) ? json : zeroUuid;
}
