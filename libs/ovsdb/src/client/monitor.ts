/**
 * Keeps one replica equal to the server's tables, over one connection after another, under conditions that may change.
 * Reads get_schema, the monitor's answer and its updates; writes the replica.
 * Asking for the rows is left to load.ts, connecting again to the client.
 */
import type { LocalCondition } from "../notation/condition.ts";
import type { DatabaseSchema } from "../notation/database-schema.ts";
import { zeroUuid } from "../notation/uuid.ts";
import { filterRows } from "../replica/filter-rows.ts";
import type { ReplicaStore, ReplicatedTable } from "../replica/replica.ts";
import type { Rows } from "../replica/watch.ts";
import { ConnectionLost, ProtocolError } from "../rpc/rpc-error.ts";
import { parseSchema } from "../schema/parse-schema.ts";
import { readUpdate, readUpdate2 } from "../updates/row-update.ts";
import type { UpdateListener } from "./connection.ts";
import type { Loaded, MonitorMethod } from "./load.ts";
import { isUnknownMethod, load, transactionOf } from "./load.ts";
import { conditionsOf, planMonitor, withConditions } from "./monitor-plan.ts";
import { Revisions } from "./revisions.ts";

/** So many updates may arrive ahead of the answer that they follow: servers send them in its wake, a few in one chunk. */
const maxEarly = 10_000;

/** What a monitor needs of a connection. */
export interface MonitorConnection {
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  onUpdate(monitorId: string, listener: UpdateListener): void;
  offUpdate(monitorId: string): void;
  close(reason: Error): void;
}

export interface MonitorOptions {
  readonly database: string;
  readonly tables: readonly ReplicatedTable[];
  readonly methods: readonly MonitorMethod[];
  readonly id: string;
  /** The server follows these rows no longer: its database was removed or converted (ovsdb-server(7) section 4.1.7). */
  readonly canceled?: () => void;
}

/** The monitor as one server has it. */
interface Following {
  readonly connection: MonitorConnection;
  readonly id: string;
  readonly served: DatabaseSchema;
  readonly method: MonitorMethod | undefined;
}

interface Notification {
  readonly method: string;
  readonly params: readonly unknown[];
}

export class Monitor {
  readonly store: ReplicaStore<Rows>;
  readonly #options: MonitorOptions;
  #tables: readonly ReplicatedTable[];
  /** The conditions that the server last took. */
  #inEffect: readonly ReplicatedTable[];
  readonly #revisions = new Revisions();
  #plan = "";
  #lastTransaction: string = zeroUuid;
  #starts = 0;
  #following: Following | undefined;

  constructor(store: ReplicaStore<Rows>, options: MonitorOptions) {
    this.store = store;
    this.#options = options;
    this.#tables = options.tables;
    this.#inEffect = options.tables;
  }

  get database(): string {
    return this.#options.database;
  }

  /** Brings the replica up to date over this connection and keeps it so. Throws what the server refuses, or ConnectionLost. */
  async start(connection: MonitorConnection): Promise<void> {
    this.#starts += 1;
    const id = `${this.#options.id}.${this.#starts}`;
    const served = parseSchema(await connection.request("get_schema", [this.#options.database]));
    const revision = this.#revisions.current;
    const tables = this.#tables;
    const plan = planMonitor(tables, served);
    this.#adopt(JSON.stringify(plan.requests));
    this.store.missing = plan.missing;
    // Updates may arrive in the same chunk as the answer, before this function goes on: they wait their turn.
    const early: Notification[] = [];
    connection.onUpdate(id, (method, params) => keep(early, { method, params }));
    const { database, methods } = this.#options;
    const loaded = await load((method, params) => connection.request(method, params), {
      id,
      database,
      methods,
      plan,
      tables: byName(tables),
      since: this.#lastTransaction,
    });
    this.#following = { connection, id, served, method: loaded.method };
    this.#inEffect = tables;
    this.#take(loaded, early);
    connection.onUpdate(id, (method, params) => this.#guard(() => this.#follow({ method, params })));
    this.store.live = this.#following !== undefined;
    this.#revisions.settle(revision);
    if (revision !== this.#revisions.current) {
      void this.#ask();
    }
  }

  /**
   * Resolves when the rows are those that meet these conditions, over whichever connection that is; rejects with what the server
   * refuses, and all is then as before. Throws, and changes nothing, where a condition does not fit its table.
   */
  async change(where: Readonly<Record<string, readonly LocalCondition[]>>): Promise<void> {
    this.#tables = withConditions(this.#tables, where);
    const followed = this.#revisions.next();
    void this.#ask();
    await followed;
  }

  /** The connection is gone: the rows stay as they last were. */
  suspend(): void {
    this.store.live = false;
    this.#following = undefined;
  }

  /** Tells the server to send no more. */
  cancel(reason: Error): void {
    const following = this.#following;
    this.suspend();
    this.#revisions.settle(this.#revisions.current, reason);
    if (following !== undefined) {
      following.connection.offUpdate(following.id);
      following.connection.request("monitor_cancel", [following.id]).catch(() => undefined);
    }
  }

  /** Rows are resumed only under the plan that they were loaded by: other columns or conditions make other rows. */
  #adopt(plan: string): void {
    if (plan !== this.#plan) {
      this.#plan = plan;
      this.#lastTransaction = zeroUuid;
    }
  }

  #take(loaded: Loaded, early: readonly Notification[]): void {
    this.#guard(() => {
      if (loaded.resumed) {
        this.store.apply(loaded.updates);
      } else {
        this.store.reload(loaded.updates);
      }
      this.#lastTransaction = loaded.transaction;
      early.forEach((notification) => this.#follow(notification));
    });
  }

  /** Asks for the conditions of the moment. Never throws: whoever waits for them is told. */
  async #ask(): Promise<void> {
    const following = this.#following;
    if (following === undefined) {
      return;
    }
    const revision = this.#revisions.current;
    const tables = this.#tables;
    const plan = planMonitor(tables, following.served);
    // Until the answer is there nobody can say under which conditions the rows are: a lost connection then loads them afresh.
    this.#plan = "";
    try {
      await this.#request(following, conditionsOf(plan));
      this.#inEffect = tables;
      if (revision === this.#revisions.current) {
        this.#plan = JSON.stringify(plan.requests);
      }
      this.#revisions.settle(revision);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) {
        this.#refused(following.connection, revision, error);
      }
    }
  }

  /** Servers that cannot filter, or cannot change how, are asked for everything again. */
  async #request(following: Following, conditions: object): Promise<void> {
    const { connection, id, method } = following;
    if (method !== "monitor") {
      try {
        // The rows that come and go are sent before the answer (ovsdb-server(7) section 4.1.13).
        await connection.request("monitor_cond_change", [id, id, conditions]);
        return;
      } catch (error) {
        if (!isUnknownMethod(error)) {
          throw error;
        }
      }
    }
    connection.offUpdate(id);
    connection.request("monitor_cancel", [id]).catch(() => undefined);
    this.suspend();
    await this.start(connection);
  }

  #refused(connection: MonitorConnection, revision: number, error: unknown): void {
    if (this.#following === undefined) {
      // Everything was asked for again and that was refused: this connection has nothing more for us.
      connection.close(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (revision === this.#revisions.current) {
      this.#tables = this.#inEffect;
    }
    this.#revisions.settle(revision, error);
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
        this.store.apply(filterRows(byName(this.#tables), readUpdate(params[0])));
        break;
      case "monitor_canceled":
        this.suspend();
        this.#options.canceled?.();
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

function keep(early: Notification[], notification: Notification): void {
  if (early.length >= maxEarly) {
    throw new ProtocolError(`${maxEarly} updates ahead of the answer that they follow`);
  }
  early.push(notification);
}

function byName(tables: readonly ReplicatedTable[]): ReadonlyMap<string, ReplicatedTable> {
  return new Map(tables.map((table) => [table.name, table]));
}
