/**
 * The replicas of one client: started over every connection, and again where their database comes back.
 * Reads what the server tells of its databases; keeps one monitor for each replica.
 * What one monitor does is left to monitor.ts, which server to be connected to, to its callers.
 */
import type { LocalCondition } from "../notation/condition.ts";
import type { DatabaseSchema, DatabaseTypes } from "../notation/database-schema.ts";
import type { OvsdbErrorName } from "../notation/ovsdb-error.ts";
import { OvsdbError } from "../notation/ovsdb-error.ts";
import { replicatedTables } from "../replica/create-replica.ts";
import type { Replica } from "../replica/replica.ts";
import { ReplicaStore } from "../replica/replica.ts";
import type { Conditions, Rows, Watch, WatchedRows } from "../replica/watch.ts";
import { ConnectionLost } from "../rpc/rpc-error.ts";
import type { Deferred } from "./deferred.ts";
import { deferred } from "./deferred.ts";
import type { MonitorMethod } from "./load.ts";
import type { MonitorConnection } from "./monitor.ts";
import { Monitor } from "./monitor.ts";

interface Watched {
  readonly monitor: Monitor;
  readonly ready: Deferred<void>;
  loaded: boolean;
  /** Starts of one monitor follow each other. */
  turn: Promise<void>;
}

/** A database that is not there, or not yet: it may come. */
const absent: ReadonlySet<OvsdbErrorName> = new Set([
  "unknown database",
  "database not available",
  "canceled",
]);

export class Monitors {
  readonly #methods: readonly MonitorMethod[];
  readonly #watched = new Map<ReplicaStore<Rows>, Watched>();
  #connection: MonitorConnection | undefined;
  /** Whether a replica whose database is not there waits for it, rather than give the server up. */
  #wait = false;
  #count = 0;

  constructor(methods: readonly MonitorMethod[]) {
    this.#methods = methods;
  }

  async open<D extends DatabaseTypes, const W extends Watch<D>>(
    schema: DatabaseSchema<D>,
    watch: W,
  ): Promise<Replica<WatchedRows<D, W>>> {
    const tables = replicatedTables(schema, watch);
    const store = new ReplicaStore<WatchedRows<D, W>>(tables);
    const plain = store as unknown as ReplicaStore<Rows>;
    this.#count += 1;
    const monitor = new Monitor(plain, {
      database: schema.name,
      tables,
      methods: this.#methods,
      id: `monitor ${this.#count}`,
      canceled: () => this.look(schema.name),
    });
    const watched: Watched = { monitor, ready: deferred(), loaded: false, turn: Promise.resolve() };
    this.#watched.set(plain, watched);
    if (this.#connection !== undefined) {
      this.#start(watched, this.#connection).catch(() => undefined);
    }
    await watched.ready.promise;
    return store;
  }

  async change<R extends Rows>(replica: Replica<R>, where: Conditions<R>): Promise<void> {
    for (const [store, { monitor }] of this.#watched) {
      if (Object.is(store, replica)) {
        return monitor.change(where as Readonly<Record<string, readonly LocalCondition[]>>);
      }
    }
    throw new RangeError("the replica is followed no longer, or by another client");
  }

  cancel<R extends Rows>(replica: Replica<R>): void {
    for (const [store, { monitor }] of this.#watched) {
      if (Object.is(store, replica)) {
        this.#watched.delete(store);
        monitor.cancel(new RangeError("the replica is followed no longer"));
      }
    }
  }

  /** Throws where a replica cannot be resumed over this connection. `wait`: a database that is not there will be told of when it comes. */
  async up(connection: MonitorConnection, options: { readonly wait: boolean }): Promise<void> {
    this.#connection = connection;
    this.#wait = options.wait;
    const starts = [...this.#watched.values()].map((watched) => this.#start(watched, connection));
    const failed = (await Promise.allSettled(starts)).find((start) => start.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    // From now on a database that goes is waited for here, whatever other servers there are.
    this.#wait = true;
  }

  down(): void {
    this.#connection = undefined;
    for (const { monitor } of this.#watched.values()) {
      monitor.suspend();
    }
  }

  /** Something about this database changed at the server: whoever waits for it tries. */
  look(database: string): void {
    const connection = this.#connection;
    if (connection === undefined) {
      return;
    }
    for (const watched of this.#watched.values()) {
      if (watched.monitor.database === database && watched.loaded) {
        this.#start(watched, connection).catch((error: unknown) =>
          connection.close(error instanceof Error ? error : new Error(String(error))),
        );
      }
    }
  }

  close(reason: Error): void {
    for (const { ready, monitor } of this.#watched.values()) {
      ready.promise.catch(() => undefined);
      ready.reject(reason);
      monitor.cancel(reason);
    }
    this.#watched.clear();
  }

  #start(watched: Watched, connection: MonitorConnection): Promise<void> {
    const start = watched.turn.then(() =>
      watched.monitor.store.live || connection !== this.#connection
        ? undefined
        : this.#startNow(watched, connection),
    );
    watched.turn = start.catch(() => undefined);
    return start;
  }

  /** The first start tells the caller of `open` what the server refuses; a lost connection is left to the next one. */
  async #startNow(watched: Watched, connection: MonitorConnection): Promise<void> {
    try {
      await watched.monitor.start(connection);
      watched.loaded = true;
      watched.ready.resolve();
    } catch (error) {
      if (error instanceof ConnectionLost) {
        throw error;
      }
      if (!watched.loaded) {
        this.#watched.delete(watched.monitor.store);
        watched.ready.reject(error);
        return;
      }
      if (!(this.#wait && error instanceof OvsdbError && absent.has(error.code))) {
        throw error;
      }
    }
  }
}
