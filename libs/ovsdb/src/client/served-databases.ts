/**
 * Follows what a server tells of its databases: which there are, and whether it leads their clusters (ovsdb-server(5), `_Server`).
 * Reads the Database table of `_Server`; closes the connection to a server that is not fit.
 * The judgement is left to server-fitness.ts, the way to another server to reconnector.ts.
 */
import { OvsdbStatus } from "../generated/ovsdb-status.ts";
import { OvsdbError } from "../notation/ovsdb-error.ts";
import { replicatedTables } from "../replica/create-replica.ts";
import { ReplicaStore } from "../replica/replica.ts";
import type { Rows, WatchedRows } from "../replica/watch.ts";
import type { MonitorConnection } from "./monitor.ts";
import { Monitor } from "./monitor.ts";
import { unfitness } from "./server-fitness.ts";

/** `index` moves with every transaction, so it is asked for only where there is another server to go to. */
const fewColumns = ["name", "model", "connected", "leader", "cid", "sid"] as const;
const watchOf = (index: boolean) => ({
  Database: { columns: index ? ([...fewColumns, "index"] as const) : fewColumns },
});

/** The rows of `_Server` that a client follows: name, model, connected, leader, cid and sid of each database. */
export type StatusRows = WatchedRows<OvsdbStatus, { Database: { columns: typeof fewColumns } }>;

/** The server answers, and is not the one to talk to: it does not lead its cluster, is cut off from it, or lags behind. */
export class UnfitServer extends Error {
  override readonly name = "UnfitServer";
  readonly code = "unfit server";
  readonly retryable = true;
}

export class ServedDatabases {
  readonly store: ReplicaStore<StatusRows>;
  readonly #leaderOnly: boolean;
  readonly #monitor: Monitor;
  readonly #seen = new Map<string, number>();
  #connection: MonitorConnection | undefined;

  constructor(options: {
    readonly leaderOnly: boolean;
    readonly elsewhere: boolean;
    readonly changed: (database: string) => void;
  }) {
    this.#leaderOnly = options.leaderOnly;
    const tables = replicatedTables(OvsdbStatus, watchOf(options.elsewhere));
    this.store = new ReplicaStore(tables);
    this.#monitor = new Monitor(this.store as unknown as ReplicaStore<Rows>, {
      database: OvsdbStatus.name,
      tables,
      methods: ["monitor_cond", "monitor"],
      id: "databases",
    });
    this.store.changed.subscribe(({ changes }) => {
      const complaint = this.#judge();
      if (complaint !== undefined) {
        this.#connection?.close(new UnfitServer(complaint));
        return;
      }
      changes.forEach(({ after }) => after !== undefined && options.changed(after.name));
    });
  }

  /** True where the server tells of its databases (Open vSwitch 2.9 and newer). Throws UnfitServer. */
  async start(connection: MonitorConnection): Promise<boolean> {
    this.#connection = connection;
    try {
      await Promise.all([connection.request("set_db_change_aware", [true]), this.#monitor.start(connection)]);
    } catch (error) {
      if (
        error instanceof OvsdbError &&
        (error.code === "unknown method" || error.code === "unknown database")
      ) {
        return false;
      }
      throw error;
    }
    const complaint = this.#judge();
    if (complaint !== undefined) {
      throw new UnfitServer(complaint);
    }
    return true;
  }

  suspend(): void {
    this.#connection = undefined;
    this.#monitor.suspend();
  }

  #judge(): string | undefined {
    const rows = this.store.table("Database").rows();
    const databases = rows.map((row) => ({ ...row, index: indexOf(row) }));
    const complaint = unfitness(databases, { leaderOnly: this.#leaderOnly, seen: this.#seen });
    if (complaint === undefined) {
      databases.forEach(({ cid, index }) => {
        if (cid !== undefined && index !== undefined) {
          this.#seen.set(cid, Math.max(index, this.#seen.get(cid) ?? 0));
        }
      });
    }
    return complaint;
  }
}

/** The column is there where it was asked for. */
function indexOf(row: object): number | undefined {
  return "index" in row && typeof row.index === "number" ? row.index : undefined;
}
