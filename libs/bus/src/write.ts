/**
 * Writing records: one put or deletion, or many as one atomic batch, each under the revision that it was decided from.
 * Writes messages to the buckets' subjects and reads the server's acknowledgement.
 * The client's own batch publisher is not used: it drops the server's error code on commit, so that a conflict looked like any fault.
 */
import { randomUUID } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { headers } from "@nats-io/transport-node";
import type { BucketName, Records } from "@weft/schemas";
import { WeftError, buckets } from "@weft/schemas";
import { z } from "zod";
import { prefixOf, schemaOf, streamOf } from "./bucket.ts";
import type { Connection } from "./connection.ts";
import { causeHeader, isDeletion } from "./read-record.ts";
import { requestError } from "./request-error.ts";

export interface Write<T> {
  readonly key: string;
  /** null deletes. */
  readonly value: T | null;
  /** The revision that the key must be at; 0: it must not exist. Left out: any. */
  readonly ifRevision?: number | undefined;
  /** Of a deletion: what asked for it. */
  readonly cause?: string | undefined;
}

/** The server's own limit for one batch. */
export const maxBatch = 1_000;
const answerWithinMs = 5_000;
/** JetStream's error codes for an expected sequence that does not hold (with and without telling the present one). */
const wrongSequence = new Set([10_071, 10_164]);
const keyPattern = /^[-/_=A-Za-z0-9]+(?:\.[-/_=A-Za-z0-9]+)*$/;

const Ack = z.object({
  seq: z.number().int().optional(),
  error: z.object({ err_code: z.number().optional(), description: z.string().optional() }).optional(),
});

/**
 * One write, or many all or none. Returns the revision of the last; the others have those before it, in order.
 * Throws WeftError: conflict, unavailable or timeout; after the last two it may have been written all the same.
 */
export async function write<N extends BucketName>(
  connection: Connection,
  name: N,
  writes: readonly Write<Records[N]>[],
  o: { readonly ifStreamRevision?: number } = {},
): Promise<number> {
  checkBatch(name, writes);
  const expected = writes.map((write) => overKnownDeletion(connection, name, write));
  try {
    return await send(connection, { name, writes: expected, ...o });
  } catch (error) {
    if (!(error instanceof WeftError) || error.code !== "conflict") throw error;
    const again = await overDeletions(connection, name, writes);
    if (again.every(({ ifRevision }, index) => ifRevision === expected[index]?.ifRevision)) throw error;
    return send(connection, { name, writes: again, ...o });
  }
}

function overKnownDeletion<N extends BucketName>(
  { deletions }: Connection,
  name: N,
  write: Write<Records[N]>,
): Write<Records[N]> {
  const ifRevision = write.ifRevision === 0 ? deletions.revision(name, write.key) : undefined;
  return ifRevision === undefined ? write : { ...write, ifRevision };
}

/**
 * A deleted key does not exist, but the server remembers the deletion's revision and expects that, not 0.
 * Returns the writes with those revisions, as the server has them now.
 */
async function overDeletions<N extends BucketName>(
  { nats }: Connection,
  name: N,
  writes: readonly Write<Records[N]>[],
): Promise<readonly Write<Records[N]>[]> {
  if (!writes.some(({ ifRevision }) => ifRevision === 0)) return writes;
  try {
    const { streams } = await jetstreamManager(nats, { checkAPI: false });
    return await Promise.all(
      writes.map(async (write) => {
        if (write.ifRevision !== 0) return write;
        const last = await streams.getMessage(streamOf(name), { last_by_subj: prefixOf(name) + write.key });
        return last !== null && isDeletion(last.header) ? { ...write, ifRevision: last.seq } : write;
      }),
    );
  } catch (error) {
    throw requestError(error, buckets[name].bucket);
  }
}

interface Batch<N extends BucketName> {
  readonly name: N;
  readonly writes: readonly Write<Records[N]>[];
  readonly ifStreamRevision?: number;
}

/** The server takes an expectation of the whole stream on the first message alone, and checks it at the commit (ADR-50). */
async function send<N extends BucketName>(
  connection: Connection,
  { name, writes, ifStreamRevision }: Batch<N>,
): Promise<number> {
  const messages = writes.map((write) => messageOf(name, write));
  if (ifStreamRevision !== undefined)
    messages[0]?.header.set("Nats-Expected-Last-Sequence", String(ifStreamRevision));
  const last = messages.pop();
  if (last === undefined) return lastRevision(connection, name);
  if (messages.length > 0) {
    await connection.up(answerWithinMs).catch((error: unknown) => {
      throw requestError(error, concerned(name, writes));
    });
    const batch = randomUUID();
    for (const [index, message] of messages.entries()) {
      markBatch(message.header, batch, index + 1);
      connection.nats.publish(message.subject, message.payload, { headers: message.header });
    }
    markBatch(last.header, batch, messages.length + 1);
    last.header.set("Nats-Batch-Commit", "1");
  }
  return commit(connection, last, concerned(name, writes));
}

function concerned(name: BucketName, writes: readonly { readonly key: string }[]): string {
  return writes.length === 1 ? `${name}/${writes[0]?.key ?? ""}` : `${writes.length} records of ${name}`;
}

function markBatch(header: MsgHdrs, batch: string, sequence: number): void {
  header.set("Nats-Batch-Id", batch);
  header.set("Nats-Batch-Sequence", String(sequence));
}

function checkBatch(name: BucketName, writes: readonly { readonly key: string }[]): void {
  if (writes.length > maxBatch)
    throw new WeftError(
      "too-many-documents",
      `A batch of ${writes.length} writes to ${name}: at most ${maxBatch} pass.`,
    );
  if (new Set(writes.map(({ key }) => key)).size < writes.length)
    throw new WeftError("internal", `A batch to ${name} writes one key twice.`);
}

interface Message {
  readonly subject: string;
  readonly payload: string;
  readonly header: MsgHdrs;
}

/** A record that does not fit its schema is a mistake of the writer: nobody could read it. */
function messageOf<N extends BucketName>(
  name: N,
  { key, value, ifRevision, cause }: Write<Records[N]>,
): Message {
  if (!keyPattern.test(key)) throw new WeftError("internal", `"${key}" is no key for ${name}.`);
  const header = headers();
  if (ifRevision !== undefined) header.set("Nats-Expected-Last-Subject-Sequence", String(ifRevision));
  if (value === null) {
    header.set("KV-Operation", "DEL");
    if (cause !== undefined) header.set(causeHeader, cause);
  } else checkRecord(name, key, value);
  return { subject: prefixOf(name) + key, payload: value === null ? "" : JSON.stringify(value), header };
}

function checkRecord<N extends BucketName>(name: N, key: string, value: Records[N]): void {
  const { error } = schemaOf(name).safeParse(value);
  if (error !== undefined)
    throw new WeftError(
      "internal",
      `The record ${name}/${key} does not fit its schema: ${z.prettifyError(error)}`,
      {
        cause: error,
        concerns: `${name}/${key}`,
      },
    );
}

async function commit(
  connection: Connection,
  { subject, payload, header }: Message,
  concerns: string,
): Promise<number> {
  let ack: z.infer<typeof Ack>;
  try {
    const reply = await connection.request(subject, payload, { headers: header, timeout: answerWithinMs });
    ack = Ack.parse(reply.json());
  } catch (error) {
    throw requestError(error, concerns);
  }
  if (ack.seq !== undefined && ack.error === undefined) return ack.seq;
  if (wrongSequence.has(ack.error?.err_code ?? 0))
    throw new WeftError("conflict", `${concerns}: changed meanwhile.`, { retryable: true, concerns });
  const reason = ack.error?.description ?? "no acknowledgement";
  throw new WeftError("unavailable", `The bus refused to write ${concerns}: ${reason}.`, { concerns });
}

/** An empty batch changes nothing: the bucket's revision stays. */
async function lastRevision(connection: Connection, name: BucketName): Promise<number> {
  const Info = z.object({ state: z.object({ last_seq: z.number().int() }) });
  try {
    const reply = await connection.request(`$JS.API.STREAM.INFO.${streamOf(name)}`, "", {
      timeout: answerWithinMs,
    });
    return Info.parse(reply.json()).state.last_seq;
  } catch (error) {
    throw requestError(error, buckets[name].bucket);
  }
}
