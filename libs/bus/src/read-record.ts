/**
 * A stored message → the record in it, checked by its schema; a deletion is null.
 * Reads bytes and headers; what does not fit is logged: a later Weft wrote it, or somebody else.
 * What follows from that, and which messages are read, is left to follow-bucket.ts and follow-events.ts.
 */
import type { MsgHdrs } from "@nats-io/transport-node";
import type { Log } from "@weft/runtime";
import type { BucketName, Records } from "@weft/schemas";
import { schemaOf } from "./bucket.ts";

export interface StoredMessage {
  readonly key: string;
  readonly revision: number;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs | undefined;
}

const text = new TextDecoder();

/** null: deleted. undefined: not readable. */
export function readRecord<N extends BucketName>(
  name: N,
  { key, revision, data, headers }: StoredMessage,
  log: Log,
): Records[N] | null | undefined {
  if (isDeletion(headers)) return null;
  try {
    return schemaOf(name).parse(JSON.parse(text.decode(data)));
  } catch (error) {
    log.error({ err: error, bucket: name, key, revision }, "a record is not readable");
    return undefined;
  }
}

/** Deleted or purged by a client, or removed by the server because of its age. */
export function isDeletion(headers: MsgHdrs | undefined): boolean {
  const operation = headers?.get("KV-Operation") ?? "";
  return operation === "DEL" || operation === "PURGE" || headers?.has("Nats-Marker-Reason") === true;
}

/** Stands beside a deletion: no record is left that could say what asked for it. */
export const causeHeader = "Weft-Cause";

export function causeOf(headers: MsgHdrs | undefined): string | undefined {
  const cause = headers?.get(causeHeader) ?? "";
  return cause === "" ? undefined : cause;
}
