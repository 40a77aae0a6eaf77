/**
 * The client: one connection to one of several remotes, kept up, with the transactions and monitors that go over it.
 * Reads and writes an OVSDB server; `await using` closes it.
 * What a transaction should say, and what to do when its outcome is unknown, is left to the caller.
 */
import type { DatabaseSchema, DatabaseTypes } from "../notation/database-schema.ts";
import type { JsonObject } from "../notation/json.ts";
import { isArray } from "../notation/json.ts";
import { NotationError } from "../notation/notation-error.ts";
import type { Operation, OperationResult } from "../notation/operation.ts";
import { readResults } from "../notation/ovsdb-error.ts";
import type { Uuid } from "../notation/uuid.ts";
import { isUuid } from "../notation/uuid.ts";
import { replicatedTables } from "../replica/create-replica.ts";
import type { Replica } from "../replica/replica.ts";
import { ReplicaStore } from "../replica/replica.ts";
import type { Signal } from "../replica/signal.ts";
import { Emitter } from "../replica/signal.ts";
import type { Rows, Watch, WatchedRows } from "../replica/watch.ts";
import { ClientClosed, ConnectionLost } from "../rpc/rpc-error.ts";
import { parseSchema } from "../schema/parse-schema.ts";
import type { ClientOptions, ClientSettings } from "./client-options.ts";
import { settingsOf } from "./client-options.ts";
import type { Connection } from "./connection.ts";
import { deferred } from "./deferred.ts";
import type { Deferred } from "./deferred.ts";
import { Monitor } from "./monitor.ts";
import { Reconnector } from "./reconnector.ts";

/** A database by its name, or by its schema. */
export type DatabaseName = string | { readonly name: string };

export interface Connected {
  readonly remote: string;
}
export interface Disconnected {
  readonly remote: string;
  readonly reason: Error;
}

interface Watched {
  readonly monitor: Monitor;
  readonly ready: Deferred<void>;
  loaded: boolean;
}

export class OvsdbClient implements AsyncDisposable {
  readonly #settings: ClientSettings;
  readonly #reconnector: Reconnector;
  readonly #watched = new Map<ReplicaStore<Rows>, Watched>();
  readonly #connected = new Emitter<Connected>();
  readonly #disconnected = new Emitter<Disconnected>();
  #connection: Connection | undefined;
  #monitors = 0;
  #closed = false;

  private constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#reconnector = new Reconnector(settings, {
      up: (connection) => this.#up(connection),
      down: (connection, reason) => this.#down(connection, reason),
    });
  }

  /** Resolves with the first connection. Rejects with the last attempt's error after `connectTimeoutMs`; later losses are mended for ever. */
  static async connect(options: ClientOptions): Promise<OvsdbClient> {
    const client = new OvsdbClient(settingsOf(options));
    try {
      await client.#reconnector.start();
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** The remote it is connected to, undefined while it is not. */
  get remote(): string | undefined {
    return this.#connection?.remote.text;
  }

  /** Each time a connection is up and every replica is live again. */
  get connected(): Signal<Connected> {
    return this.#connected;
  }

  get disconnected(): Signal<Disconnected> {
    return this.#disconnected;
  }

  async listDbs(): Promise<readonly string[]> {
    const names = await this.#request("list_dbs", []);
    return isArray(names) ? names.map(String) : [];
  }

  /** The UUID of the server's process: another one after each of its restarts. */
  async getServerId(): Promise<Uuid> {
    const id = await this.#request("get_server_id", []);
    if (!isUuid(id)) {
      throw new NotationError("get_server_id", "wants a UUID");
    }
    return id;
  }

  /** The schema as the server has it now. */
  async getSchema(database: DatabaseName): Promise<DatabaseSchema> {
    return parseSchema(await this.#request("get_schema", [nameOf(database)]));
  }

  /**
   * All operations or none. Throws an OvsdbError with the failing operation, or ConnectionLost: then, with outcome "unknown",
   * the transaction may have been committed. Replicas of this client show its changes before this resolves (ovsdb-server(7) 4.1.6).
   */
  async transact(
    database: DatabaseName,
    operations: readonly Operation[],
  ): Promise<readonly OperationResult[]> {
    const results = await this.#request("transact", [nameOf(database), ...operations]);
    return readResults(results, operations.length);
  }

  /** Converts a database, while it is served, to a schema as an .ovsschema file holds it (ovsdb-server(7) section 4.1.19). */
  async convert(database: DatabaseName, schema: JsonObject): Promise<void> {
    await this.#request("convert", [nameOf(database), schema]);
  }

  /**
   * A replica that follows the server, loaded when this resolves, resumed after every loss of the connection.
   * Tables and columns that the server lacks are left out of the request and listed in `missing`.
   */
  async monitor<D extends DatabaseTypes, const W extends Watch<D>>(
    schema: DatabaseSchema<D>,
    watch: W,
  ): Promise<Replica<WatchedRows<D, W>>> {
    this.#refuseIfClosed();
    const tables = replicatedTables(schema, watch);
    const store = new ReplicaStore<WatchedRows<D, W>>(tables);
    const plain = store as unknown as ReplicaStore<Rows>;
    this.#monitors += 1;
    const watched: Watched = {
      monitor: new Monitor(plain, {
        database: schema.name,
        tables,
        methods: this.#settings.monitorMethods,
        id: `monitor ${this.#monitors}`,
      }),
      ready: deferred(),
      loaded: false,
    };
    this.#watched.set(plain, watched);
    if (this.#connection !== undefined) {
      await this.#start(plain, watched, this.#connection).catch(() => undefined);
    }
    await watched.ready.promise;
    return store;
  }

  /** Stops following; the replica's rows stay as they are. */
  cancel<R extends Rows>(replica: Replica<R>): void {
    for (const [store, { monitor }] of this.#watched) {
      if (Object.is(store, replica)) {
        this.#watched.delete(store);
        monitor.cancel();
      }
    }
  }

  /** Ends the connection; requests in flight fail with ConnectionLost, replicas stay as they were. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { ready } of this.#watched.values()) {
      ready.promise.catch(() => undefined);
      ready.reject(new ClientClosed());
    }
    await this.#reconnector.stop(new ClientClosed());
    this.#watched.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #request(method: string, params: readonly unknown[]): Promise<unknown> {
    this.#refuseIfClosed();
    if (this.#connection === undefined) {
      throw new ConnectionLost("not sent");
    }
    return this.#connection.request(method, params);
  }

  #refuseIfClosed(): void {
    if (this.#closed) {
      throw new ClientClosed();
    }
  }

  /** Throws where a replica cannot be resumed: the connection is then no use, and another is tried. */
  async #up(connection: Connection): Promise<void> {
    this.#connection = connection;
    const starts = [...this.#watched].map(([store, watched]) => this.#start(store, watched, connection));
    const failed = (await Promise.allSettled(starts)).find((start) => start.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    this.#connected.emit({ remote: connection.remote.text });
  }

  #down(connection: Connection, reason: Error): void {
    this.#connection = undefined;
    for (const { monitor } of this.#watched.values()) {
      monitor.suspend();
    }
    this.#disconnected.emit({ remote: connection.remote.text, reason });
  }

  /** The first start tells the caller of `monitor` what the server refuses; a lost connection is left to the next one. */
  async #start(store: ReplicaStore<Rows>, watched: Watched, connection: Connection): Promise<void> {
    try {
      await watched.monitor.start(connection);
      watched.loaded = true;
      watched.ready.resolve();
    } catch (error) {
      if (!(error instanceof ConnectionLost) && !watched.loaded) {
        this.#watched.delete(store);
        watched.ready.reject(error);
        return;
      }
      throw error;
    }
  }
}

function nameOf(database: DatabaseName): string {
  return typeof database === "string" ? database : database.name;
}
