/**
 * The root entry, `@weft/ovsdb`: the client and all that the pure entries offer.
 * Every public name of the package is listed here or in an entry that this one repeats.
 * Code that must stay pure imports `@weft/ovsdb/notation`, `/replica` and `/generated` instead.
 */
export * from "./notation/index.ts";
export * from "./replica/index.ts";
export * from "./generated/index.ts";
export { parseSchema } from "./schema/parse-schema.ts";
export { fitOperations } from "./schema/fit-operations.ts";
export type { FittedOperations } from "./schema/fit-operations.ts";
export { SchemaError } from "./schema/schema-error.ts";
export { InconsistentUpdate } from "./updates/index.ts";
export type { Outcome } from "./rpc/rpc-error.ts";
export { ClientClosed, ConnectionLost, LimitError, ProtocolError } from "./rpc/rpc-error.ts";
export { monitorMethods } from "./client/load.ts";
export { OvsdbClient } from "./client/ovsdb-client.ts";
export { RemoteError, parseRemotes } from "./client/remote.ts";
export type { Backoff } from "./client/backoff.ts";
export type { ClientOptions } from "./client/client-options.ts";
export type { MonitorMethod } from "./client/load.ts";
export type { Connected, DatabaseName, Disconnected } from "./client/connection-events.ts";
export { UnfitServer } from "./client/served-databases.ts";
export type { StatusRows } from "./client/served-databases.ts";
export type { Lock } from "./client/locks.ts";
export { CommitSlot } from "./client/commit-slot.ts";
export type { Committed, SlotClient } from "./client/commit-slot.ts";
export type { SlotPlace, TextMapColumn } from "./client/slot-operations.ts";
export type { Remote } from "./client/remote.ts";
export { TlsError } from "./client/tls.ts";
export type { Pem, TlsOptions } from "./client/tls.ts";
