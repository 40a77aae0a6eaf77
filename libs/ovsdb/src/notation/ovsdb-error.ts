/**
 * What a server refuses: RFC 7047's error names as a type, with the operation that failed.
 * Reads the `<error>` objects of a transact reply.
 * Lost connections are left to rpc/, values that do not fit to notation-error.ts.
 */
import type { OperationResult } from "./operation.ts";
import { isArray, isObject } from "./json.ts";
import { isUuid } from "./uuid.ts";
import type { WireRow } from "./wire.ts";

/** Errors named in RFC 7047 sections 3.1, 4.1 and 5.2, and those that ovsdb-server adds (ovsdb-server(7) and its answers). */
export const ovsdbErrorNames = [
  "duplicate uuid-name",
  "duplicate uuid",
  "constraint violation",
  "referential integrity violation",
  "domain error",
  "range error",
  "timed out",
  "not supported",
  "aborted",
  "not owner",
  "resources exhausted",
  "I/O error",
  "unknown database",
  "canceled",
  "unknown method",
  "syntax error",
  "unknown column",
  "ovsdb error",
  "permission error",
  "not leader",
  "cluster error",
  "database not available",
] as const;
export type OvsdbErrorName = (typeof ovsdbErrorNames)[number] | "unknown error";

/** Refusals that say nothing about the operations themselves: the same transaction may pass later, unchanged. */
const passing: ReadonlySet<OvsdbErrorName> = new Set([
  "not leader",
  "cluster error",
  "database not available",
  "canceled",
  "resources exhausted",
  "I/O error",
]);

export interface ServerRefusal {
  readonly error: string;
  readonly details?: string | undefined;
  /** Index of the failing operation; undefined when the commit as a whole, or no transaction, was refused. */
  readonly operation?: number | undefined;
}

export class OvsdbError extends Error {
  override readonly name = "OvsdbError";
  readonly code: OvsdbErrorName;
  /** What the server called it, also where `code` is "unknown error". */
  readonly error: string;
  readonly details: string | undefined;
  readonly operation: number | undefined;
  /** True where the very same request may pass later. A failed `wait` ("timed out") needs a fresh look instead. */
  readonly retryable: boolean;

  constructor(refusal: ServerRefusal) {
    const at = refusal.operation === undefined ? "" : ` (operation ${refusal.operation})`;
    super(`${refusal.error}${at}${refusal.details === undefined ? "" : `: ${refusal.details}`}`);
    this.error = refusal.error;
    this.code = ovsdbErrorNames.find((name) => name === refusal.error) ?? "unknown error";
    this.details = refusal.details;
    this.operation = refusal.operation;
    this.retryable = passing.has(this.code);
  }
}

/** An `<error>` object (RFC 7047 section 3.1), or the bare text that ovsdb-server answers to an unknown method. */
export function readRefusal(json: unknown): ServerRefusal | undefined {
  if (typeof json === "string") {
    return { error: json };
  }
  if (!isObject(json) || typeof json["error"] !== "string") {
    return undefined;
  }
  const details = json["details"];
  return { error: json["error"], details: typeof details === "string" ? details : undefined };
}

/**
 * The results of a transaction, one for each operation.
 * The failing one has an `<error>` and those after it null; one element more is an error of the commit itself (section 4.1.3).
 */
export function readResults(json: unknown, operations: number): readonly OperationResult[] {
  if (!isArray(json)) {
    throw new OvsdbError({ error: "syntax error", details: "a transact reply that is no array" });
  }
  for (const [at, result] of json.entries()) {
    const refusal = readRefusal(result);
    if (refusal !== undefined) {
      throw new OvsdbError({ ...refusal, operation: at < operations ? at : undefined });
    }
  }
  return json.slice(0, operations).map(readResult);
}

function readResult(json: unknown): OperationResult {
  if (!isObject(json)) {
    return {};
  }
  const { uuid, count, rows } = json;
  return {
    ...(isArray(uuid) && isUuid(uuid[1]) ? { uuid: uuid[1] } : {}),
    ...(typeof count === "number" ? { count } : {}),
    // Rows stay on the wire's side here: `database(…).rows` and decodeValue check them against their columns.
    ...(isArray(rows) ? { rows: rows.filter(isObject) as readonly WireRow[] } : {}),
  };
}
