/**
 * RFC 7047 section 5.2: the ten operations of a transaction and what each answers, as plain JSON.
 * Describes only; nothing here reads or writes.
 * Building them from typed rows is left to database.ts, sending them to the client.
 */
import type { Uuid } from "./uuid.ts";
import type { WireCondition, WireMutation, WireRow } from "./wire.ts";

export interface InsertOperation {
  readonly op: "insert";
  readonly table: string;
  readonly row: WireRow;
  readonly "uuid-name"?: string;
  /** The new row's UUID, chosen by the client: an extension of Open vSwitch 2.13 and newer (ovsdb-server(7) section 5.2.1). */
  readonly uuid?: Uuid;
}
export interface SelectOperation {
  readonly op: "select";
  readonly table: string;
  readonly where: readonly WireCondition[];
  readonly columns?: readonly string[];
}
export interface UpdateOperation {
  readonly op: "update";
  readonly table: string;
  readonly where: readonly WireCondition[];
  readonly row: WireRow;
}
export interface MutateOperation {
  readonly op: "mutate";
  readonly table: string;
  readonly where: readonly WireCondition[];
  readonly mutations: readonly WireMutation[];
}
export interface DeleteOperation {
  readonly op: "delete";
  readonly table: string;
  readonly where: readonly WireCondition[];
}
export interface WaitOperation {
  readonly op: "wait";
  readonly table: string;
  readonly where: readonly WireCondition[];
  readonly columns: readonly string[];
  readonly until: "==" | "!=";
  readonly rows: readonly WireRow[];
  /** Milliseconds; left out, the server waits for ever. */
  readonly timeout?: number;
}
export interface CommitOperation {
  readonly op: "commit";
  readonly durable: boolean;
}
export interface AbortOperation {
  readonly op: "abort";
}
export interface CommentOperation {
  readonly op: "comment";
  readonly comment: string;
}
export interface AssertOperation {
  readonly op: "assert";
  readonly lock: string;
}

export type Operation =
  | InsertOperation
  | SelectOperation
  | UpdateOperation
  | MutateOperation
  | DeleteOperation
  | WaitOperation
  | CommitOperation
  | AbortOperation
  | CommentOperation
  | AssertOperation;

/** One operation's answer: `uuid` of an insert, `count` of an update, mutate or delete, `rows` of a select. */
export interface OperationResult {
  readonly uuid?: Uuid;
  readonly count?: number;
  readonly rows?: readonly WireRow[];
}
