/**
 * How much one end of a connection takes of the other, so that neither a faulty server nor a hasty program can fill memory or the stack.
 * Reads values about to be sent; the framer and the session hold the bounds.
 * Defaults are left to client/client-options.ts.
 */
export interface Limits {
  /** Bytes of one message, either way. */
  readonly maxMessageBytes: number;
  /** Brackets inside brackets of one message, either way. */
  readonly maxDepth: number;
  /** Bytes written and not yet taken by the network; beyond them nothing more is accepted. One message may exceed it. */
  readonly maxQueuedBytes: number;
  /** Requests sent and not yet answered. */
  readonly maxInFlight: number;
}

/** True where `value` nests no deeper than `levels`. Looks no deeper than that itself, so its own stack is bounded too. */
export function nestsWithin(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) {
    return true;
  }
  return levels > 0 && Object.values(value).every((inner) => nestsWithin(inner, levels - 1));
}

/** True where the text takes more bytes than that in UTF-8; counts them only where its length leaves it open. */
export function exceedsBytes(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) {
    return false;
  }
  return text.length > bytes || new TextEncoder().encode(text).length > bytes;
}
