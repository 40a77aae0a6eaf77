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
 */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  readonly code = "connection lost";
  readonly retryable = true;
  readonly outcome: "not sent" | "unknown";

  constructor(outcome: "not sent" | "unknown", options?: ErrorOptions) {
    super(
      outcome === "unknown"
        ? "the connection was lost before the answer came: whether the request was carried out is unknown"
        : "not connected: the request was not sent",
      options,
    );
    this.outcome = outcome;
  }
}

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
