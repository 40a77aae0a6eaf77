/**
 * Keeps one replica equal to the server's tables, over one connection after another.
 * Reads get_schema, the monitor's answer and its updates; writes the replica. Methods: monitor_cond_since, monitor_cond, monitor.
 * Connecting again is left to ovsdb-client.ts.
 */
import { isArray } from "../notation/json.ts";
import { NotationError } from "../notation/notation-error.ts";
import { OvsdbError } from "../notation/ovsdb-error.ts";
import { isUuid, zeroUuid } from "../notation/uuid.ts";
import type { FilteredTable } from "../replica/filter-rows.ts";
import { filterRows } from "../replica/filter-rows.ts";
import type { ReplicaStore, ReplicatedTable } from "../replica/replica.ts";
import type { Rows } from "../replica/watch.ts";
import { parseSchema } from "../schema/parse-schema.ts";
import type { RowUpdate } from "../updates/row-update.ts";
import { readUpdate, readUpdate2 } from "../updates/row-update.ts";
import type { UpdateListener } from "./connection.ts";
import type { MonitorPlan } from "./monitor-plan.ts";
import { planMonitor, withoutWhere } from "./monitor-plan.ts";

export const monitorMethods = ["monitor_cond_since", "monitor_cond", "monitor"] as const;
export type MonitorMethod = (typeof monitorMethods)[number];

/** What a monitor needs of a connection. */
export interface MonitorConnection {
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  onUpdate(monitorId: string, listener: UpdateListener): void;
  offUpdate(monitorId: string): void;
}

export interface MonitorOptions {
  readonly database: string;
  readonly tables: readonly ReplicatedTable[];
  /** Tried in turn while the server answers "unknown method". */
  readonly methods: readonly MonitorMethod[];
  readonly id: string;
}

/** What a monitor method answered: rows to add to what is there (`resumed`), or all of them. */
interface Loaded {
  readonly resumed: boolean;
  readonly transaction: string;
  readonly updates: readonly RowUpdate[];
}

interface Notification {
  readonly method: string;
  readonly params: readonly unknown[];
}

export class Monitor {
  readonly store: ReplicaStore<Rows>;
  readonly #options: MonitorOptions;
  readonly #tables: ReadonlyMap<string, FilteredTable>;
  #plan = "";
  #lastTransaction: string = zeroUuid;
  #starts = 0;
  #stop: () => void = () => undefined;

  constructor(store: ReplicaStore<Rows>, options: MonitorOptions) {
    this.store = store;
    this.#options = options;
    this.#tables = new Map(options.tables.map((table) => [table.name, table]));
  }

  /** Brings the replica up to date over this connection and keeps it so. Throws what the server refuses, or ConnectionLost. */
  async start(connection: MonitorConnection): Promise<void> {
    const { database, tables } = this.#options;
    const served = parseSchema(await connection.request("get_schema", [database]));
    const plan = planMonitor(tables, served);
    this.#adopt(plan);
    this.#starts += 1;
    const id = `${this.#options.id}.${this.#starts}`;
    // Updates may arrive in the same chunk as the answer, before this function goes on: they wait their turn.
    const early: Notification[] = [];
    connection.onUpdate(id, (method, params) => void early.push({ method, params }));
    const loaded = await this.#load(connection, id, plan);
    this.#guard(() => {
      if (loaded.resumed) {
        this.store.apply(loaded.updates);
      } else {
        this.store.reload(loaded.updates);
      }
      this.#lastTransaction = loaded.transaction;
      early.forEach((notification) => this.#follow(notification));
    });
    connection.onUpdate(id, (method, params) => this.#guard(() => this.#follow({ method, params })));
    this.store.live = true;
    this.#stop = () => {
      connection.offUpdate(id);
      connection.request("monitor_cancel", [id]).catch(() => undefined);
    };
  }

  /** The connection is gone: the rows stay as they last were. */
  suspend(): void {
    this.store.live = false;
    this.#stop = () => undefined;
  }

  /** Tells the server to send no more. */
  cancel(): void {
    this.#stop();
    this.suspend();
  }

  /** Rows are resumed only under the plan that they were loaded by: another server may have other columns. */
  #adopt(plan: MonitorPlan): void {
    const text = JSON.stringify(plan.requests);
    if (text !== this.#plan) {
      this.#plan = text;
      this.#lastTransaction = zeroUuid;
    }
    this.store.missing = plan.missing;
  }

  async #load(connection: MonitorConnection, id: string, plan: MonitorPlan): Promise<Loaded> {
    if (Object.keys(plan.requests).length === 0) {
      return { resumed: false, transaction: zeroUuid, updates: [] };
    }
    let refused: unknown;
    for (const method of this.#options.methods) {
      try {
        return await this.#ask(connection, { method, id, plan });
      } catch (error) {
        if (!(error instanceof OvsdbError && error.code === "unknown method")) {
          throw error;
        }
        refused = error;
      }
    }
    throw refused;
  }

  async #ask(
    connection: MonitorConnection,
    request: { readonly method: MonitorMethod; readonly id: string; readonly plan: MonitorPlan },
  ): Promise<Loaded> {
    const { method, id, plan } = request;
    const { database } = this.#options;
    const whole = { resumed: false, transaction: zeroUuid };
    switch (method) {
      case "monitor_cond_since": {
        const params = [database, id, plan.requests, this.#lastTransaction];
        return readLoaded(await connection.request(method, params));
      }
      case "monitor_cond": {
        const answer = await connection.request(method, [database, id, plan.requests]);
        return { ...whole, updates: readUpdate2(answer) };
      }
      case "monitor": {
        const answer = await connection.request(method, [database, id, withoutWhere(plan.requests)]);
        return { ...whole, updates: filterRows(this.#tables, readUpdate(answer)) };
      }
    }
  }

  #follow({ method, params }: Notification): void {
    switch (method) {
      case "update3":
        this.store.apply(readUpdate2(params[1]));
        this.#lastTransaction = transactionOf(params[0]);
        break;
      case "update2":
        this.store.apply(readUpdate2(params[0]));
        break;
      case "update":
        this.store.apply(filterRows(this.#tables, readUpdate(params[0])));
        break;
      default:
        break;
    }
  }

  /** After an update that did not fit, the rows cannot be trusted: the next start loads them afresh. */
  #guard(update: () => void): void {
    try {
      update();
    } catch (error) {
      this.#lastTransaction = zeroUuid;
      throw error;
    }
  }
}

function readLoaded(json: unknown): Loaded {
  if (!isArray(json)) {
    throw new NotationError("monitor_cond_since", "wants [found, last-txn-id, updates]");
  }
  const [found, transaction, updates] = json;
  return { resumed: found === true, transaction: transactionOf(transaction), updates: readUpdate2(updates) };
}

function transactionOf(json: unknown): string {
  return isUuid(json) ? json : zeroUuid;
}
