/**
 * The client: one connection to one of several remotes, kept up, with the transactions and monitors that go over it.
 * Reads and writes an OVSDB server; `await using` closes it.
 * What a transaction should say, and what to do when its outcome is unknown, is left to the caller.
 */
import type { DatabaseSchema, DatabaseTypes, TableName } from "../notation/database-schema.ts";
import type { JsonObject } from "../notation/json.ts";
import { isArray } from "../notation/json.ts";
import { NotationError } from "../notation/notation-error.ts";
import type { Operation, OperationResult } from "../notation/operation.ts";
import { readResults } from "../notation/ovsdb-error.ts";
import type { Uuid } from "../notation/uuid.ts";
import { isUuid } from "../notation/uuid.ts";
import type { Replica } from "../replica/replica.ts";
import type { Signal } from "../replica/signal.ts";
import { Emitter } from "../replica/signal.ts";
import type { Conditions, Rows, Watch, WatchedRows } from "../replica/watch.ts";
import { ClientClosed, ConnectionLost } from "../rpc/rpc-error.ts";
import { parseSchema } from "../schema/parse-schema.ts";
import type { ClientOptions, ClientSettings } from "./client-options.ts";
import { settingsOf } from "./client-options.ts";
import { CommitSlot } from "./commit-slot.ts";
import type { Connected, DatabaseName, Disconnected } from "./connection-events.ts";
import { nameOf } from "./connection-events.ts";
import type { Connection } from "./connection.ts";
import { deferred } from "./deferred.ts";
import type { Lock } from "./locks.ts";
import { Locks } from "./locks.ts";
import { Monitors } from "./monitors.ts";
import { Reconnector } from "./reconnector.ts";
import type { StatusRows } from "./served-databases.ts";
import { ServedDatabases } from "./served-databases.ts";
import type { SlotPlace } from "./slot-operations.ts";

export class OvsdbClient implements AsyncDisposable {
  readonly #settings: ClientSettings;
  readonly #reconnector: Reconnector;
  readonly #served: ServedDatabases;
  readonly #monitors: Monitors;
  readonly #locks = new Locks();
  readonly #connected = new Emitter<Connected>();
  readonly #disconnected = new Emitter<Disconnected>();
  #connection: Connection | undefined;
  #closed = false;

  private constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#monitors = new Monitors(settings.monitorMethods);
    this.#served = new ServedDatabases({
      leaderOnly: settings.leaderOnly,
      elsewhere: settings.remotes.length > 1,
      changed: (database) => this.#monitors.look(database),
    });
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

  /** Each time a connection is up and every replica is live again whose database is there. */
  get connected(): Signal<Connected> {
    return this.#connected;
  }

  get disconnected(): Signal<Disconnected> {
    return this.#disconnected;
  }

  /**
   * What the server tells of its databases: which there are, whether it leads their clusters. Follows the connection;
   * not live, and empty, with servers that tell nothing (before Open vSwitch 2.9).
   */
  get databases(): Replica<StatusRows> {
    return this.#served.store;
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
    return this.#monitors.open(schema, watch);
  }

  /**
   * Changes which rows a replica holds; tables left out keep their conditions. Resolves when the replica shows the new conditions:
   * rows that meet none of them are gone, and `changed` told of all that came and went. While disconnected that is with the next
   * connection, over which the rows are loaded afresh. Servers that cannot filter are asked for everything, and the rows filtered here.
   * Throws a NotationError, and changes nothing, for a condition that does not fit or whose column is not held.
   */
  async setConditions<R extends Rows>(replica: Replica<R>, where: Conditions<R>): Promise<void> {
    this.#refuseIfClosed();
    await this.#monitors.change(replica, where);
  }

  /**
   * A slot for transactions whose fate is known even where their answer is lost: see CommitSlot. The mark stays in the database.
   * `resolveTimeoutMs` bounds how long a lost answer is sought. Default 60,000.
   */
  commitSlot<D extends DatabaseTypes, T extends TableName<D>>(
    schema: DatabaseSchema<D>,
    place: SlotPlace<D, T>,
    options: { readonly resolveTimeoutMs?: number } = {},
  ): CommitSlot {
    const client = {
      transact: (database: string, operations: readonly Operation[]) => this.transact(database, operations),
      connectedWithin: (timeoutMs: number) => this.#connectedWithin(timeoutMs),
    };
    return new CommitSlot(client, {
      schema: schema as unknown as DatabaseSchema,
      place,
      resolveTimeoutMs: options.resolveTimeoutMs ?? 60_000,
    });
  }

  /** Asks for a lock and queues for it; resolves with the server's answer, so look at `held` or wait for `acquired`. */
  async lock(name: string): Promise<Lock> {
    this.#refuseIfClosed();
    return this.#locks.take(name, "lock");
  }

  /** Takes a lock away from whoever has it. Over a later connection it is asked for like any other. */
  async steal(name: string): Promise<Lock> {
    this.#refuseIfClosed();
    return this.#locks.take(name, "steal");
  }

  /** Stops following; the replica's rows stay as they are. */
  cancel<R extends Rows>(replica: Replica<R>): void {
    this.#monitors.cancel(replica);
  }

  /** Ends the connection; requests in flight fail with ConnectionLost, replicas stay as they were. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = new ClientClosed();
    this.#monitors.close(reason);
    this.#locks.close(reason);
    await this.#reconnector.stop(reason);
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

  async #connectedWithin(timeoutMs: number): Promise<void> {
    this.#refuseIfClosed();
    if (this.#connection !== undefined) {
      return;
    }
    const { promise, resolve, reject } = deferred<void>();
    const timer = setTimeout(() => reject(new ConnectionLost("not sent")), timeoutMs);
    const end = this.#connected.subscribe(() => resolve());
    await promise.finally(() => {
      clearTimeout(timer);
      end();
    });
  }

  #refuseIfClosed(): void {
    if (this.#closed) {
      throw new ClientClosed();
    }
  }

  /** Throws where a replica cannot be resumed, or the server is not the one: the connection is then no use, and another is tried. */
  async #up(connection: Connection): Promise<void> {
    connection.onLock((method, lock) => this.#locks.notified(method, lock));
    const told = await this.#served.start(connection);
    this.#connection = connection;
    await Promise.all([
      this.#locks.up(connection),
      this.#monitors.up(connection, { wait: told && this.#settings.remotes.length === 1 }),
    ]);
    this.#connected.emit({ remote: connection.remote.text });
  }

  #down(connection: Connection, reason: Error): void {
    this.#served.suspend();
    this.#locks.down();
    this.#monitors.down();
    if (this.#connection === connection) {
      this.#connection = undefined;
      this.#disconnected.emit({ remote: connection.remote.text, reason });
    }
  }
}
