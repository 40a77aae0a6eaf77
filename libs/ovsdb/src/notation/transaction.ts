/**
 * The operations of a transaction that concern no table.
 * Returns plain operations.
 * Those that do concern a table are left to database.ts.
 */
import type { AbortOperation, AssertOperation, CommentOperation, CommitOperation } from "./operation.ts";

/** With `durable`, the reply waits until the transaction is on disk. */
export function commit(durable: boolean): CommitOperation {
  return { op: "commit", durable };
}

/** Makes the whole transaction fail with "aborted": a dry run, when it comes last. */
export function abort(): AbortOperation {
  return { op: "abort" };
}

/** A line in the server's log of transactions. */
export function comment(text: string): CommentOperation {
  return { op: "comment", comment: text };
}

/** Fails the transaction with "not owner" unless this session holds the lock. */
export function assert(lock: string): AssertOperation {
  return { op: "assert", lock };
}
