/**
 * The pure entry, `@weft/ovsdb/replica`: reading a replica, and feeding one by hand in a test.
 * Every public name of the replica is listed here.
 * Keeping one up to date is left to the client.
 */
export { createReplica } from "./create-replica.ts";
export { ReplicaStore } from "./replica.ts";
export { Emitter } from "./signal.ts";
export type { Change, ChangeEvent, Replica, ReplicaSnapshot, ReplicatedTable } from "./replica.ts";
export type { Listener, Signal } from "./signal.ts";
export type { Match } from "./match.ts";
export type { ReplicaTable } from "./table.ts";
export type {
  Conditions,
  IndexColumn,
  Rows,
  TableWatch,
  Watch,
  WatchCondition,
  WatchedRows,
} from "./watch.ts";
