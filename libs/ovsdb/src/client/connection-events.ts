/**
 * What a client tells of its connection, and the name that its requests go by.
 * Describes only.
 * When it is told is left to ovsdb-client.ts.
 */

/** A database by its name, or by its schema. */
export type DatabaseName = string | { readonly name: string };

/** A connection is up, and so are the replicas. */
export interface Connected {
  /** The remote as it was written in the options. */
  readonly remote: string;
}

/** A connection that was up is over; the next is sought already. */
export interface Disconnected {
  readonly remote: string;
  /** Why: UnfitServer, ProtocolError, a socket's error, ClientClosed. */
  readonly reason: Error;
}

export function nameOf(database: DatabaseName): string {
  return typeof database === "string" ? database : database.name;
}
