/**
 * Is a server of a cluster the one to talk to? What ovsdb-server(5) calls the Database table of `_Server`, judged as the C library does.
 * Reads the rows of that table and what was seen before; pure.
 * Leaving the server is left to served-databases.ts.
 */
import type { Uuid } from "../notation/uuid.ts";

/** What a server tells of one of its databases. */
export interface ServedDatabase {
  readonly name: string;
  readonly model: string;
  /** False while a clustered database's server is cut off from most of its cluster: what it shows may be old. */
  readonly connected: boolean;
  readonly leader: boolean;
  readonly cid: Uuid | undefined;
  /** The last entry of the cluster's log that this server has; undefined where it is not asked for. */
  readonly index: number | undefined;
}

/** Why a server should be left for another; undefined where it should not. `seen` is the newest log entry by cluster id. */
export function unfitness(
  databases: readonly ServedDatabase[],
  wanted: { readonly leaderOnly: boolean; readonly seen: ReadonlyMap<string, number> },
): string | undefined {
  for (const { name, model, connected, leader, cid, index } of databases) {
    if (model === "standalone" || name === "_Server") {
      continue;
    }
    if (!connected) {
      return `${name}: this server is cut off from its ${model === "relay" ? "source" : "cluster"}`;
    }
    if (model !== "clustered") {
      continue;
    }
    if (wanted.leaderOnly && !leader) {
      return `${name}: this server does not lead its cluster`;
    }
    if (index !== undefined && cid !== undefined && index < (wanted.seen.get(cid) ?? 0)) {
      return `${name}: this server has older data than was seen already`;
    }
  }
  return undefined;
}
