/**
 * What can go wrong between two ends of a connection, whatever was asked.
 * Describes errors only.
 * What a server refuses in so many words is left to notation/ovsdb-error.ts.
 */

/** The peer does not speak JSON-RPC 1.0 as RFC 7047 wants it. The connection is closed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code = "protocol";
  readonly retryable = true;

  constructor(complaint: string, options?: ErrorOptions) {
    super(`the server sent ${complaint}`, options);
  }
}

/**
 * The connection is gone, or was not there. `outcome` says what became of the request:
 * "not sent": nothing happened. "unknown": it may have been carried out, so read before you write again (OVSDB has no way to ask).
 * "not committed", of a CommitSlot alone: the answer was lost, but nothing happened and nothing will.
 */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  readonly code = "connection lost";
  readonly retryable = true;
  readonly outcome: Outcome;

  constructor(outcome: Outcome, options?: ErrorOptions) {
    super(outcomes[outcome], options);
    this.outcome = outcome;
  }
}

/** What became of a request whose answer did not come. */
export type Outcome = "not sent" | "unknown" | "not committed";

const outcomes: Readonly<Record<Outcome, string>> = {
  "not sent": "not connected: the request was not sent",
  unknown: "the connection was lost before the answer came: whether the request was carried out is unknown",
  "not committed":
    "the connection was lost before the answer came: the transaction is not in and cannot come in any more",
};

/** A request that exceeds one of the client's own limits: it was not sent, and the connection stays as it is. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  readonly code = "limit";
  /** True where it would pass once the server has caught up; false where the request itself is too large or too deep. */
  readonly retryable: boolean;

  constructor(complaint: string, options: { readonly retryable: boolean }) {
    super(complaint);
    this.retryable = options.retryable;
  }
}

/** The client was closed by its own program. */
export class ClientClosed extends Error {
  override readonly name = "ClientClosed";
  readonly code = "closed";
  readonly retryable = false;

  constructor() {
    super("the OVSDB client is closed");
  }
}
