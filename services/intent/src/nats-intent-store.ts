/**
 * The bucket weft_intents as the intent service needs it: read as of now, written all or none while nobody else wrote.
 * Keeps a copy by a watch; `read` asks the stream for its last sequence and waits until the copy has it, so that an answer
 * given by another copy of the service counts. `commit` is one atomic batch that expects that last sequence (ADR-50).
 */
import type { KvWatchEntry } from "@nats-io/kv";
import { Kvm } from "@nats-io/kv";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { headers } from "@nats-io/transport-node";
import type { KnownIntent } from "@weft/decide";
import type { Clock, Log } from "@weft/runtime";
import { IntentRecord, WeftError, buckets } from "@weft/schemas";
import { z } from "zod";
import type { IntentStore, StoredIntent } from "./ports.ts";

const { bucket } = buckets.intents;
const stream = `KV_${bucket}`;
const answerWithinMs = 5_000;
/** JetStream's error code for an expectation that does not hold. */
const wrongLastSequence = 10_071;

export interface NatsIntentStore extends IntentStore {
  close(): void;
}

export async function openIntentStore(o: {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<NatsIntentStore> {
  const manager = await jetstreamManager(o.connection);
  const copy = watchedCopy(o.log);
  let closed = false;
  let stopWatch = () => {};
  const follow = async () => {
    const kv = await new Kvm(o.connection).open(bucket);
    const watch = await kv.watch();
    copy.clear();
    stopWatch = () => watch.stop();
    void (async () => {
      for await (const entry of watch) copy.take(entry);
      if (!closed) await follow();
    })().catch((error: unknown) => o.log.error({ err: error }, "the watch on the intents ended"));
  };
  await follow();
  return {
    read: async () => {
      const { state } = await manager.streams.info(stream);
      await copy.reach(state.last_seq, o.clock);
      return { intents: new Map(copy.intents), revision: state.last_seq };
    },
    commit: (writes, revision) => commitBatch(o.connection, writes, revision),
    close: () => {
      closed = true;
      stopWatch();
    },
  };
}

function watchedCopy(log: Log) {
  const intents = new Map<string, KnownIntent>();
  let reached = 0;
  let waiting: { revision: number; resume: () => void }[] = [];
  return {
    intents,
    clear: () => {
      intents.clear();
      reached = 0;
    },
    take: (entry: KvWatchEntry) => {
      const value = entry.operation === "PUT" ? readRecord(entry, log) : undefined;
      if (value === undefined) intents.delete(entry.key);
      else intents.set(entry.key, { value, revision: entry.revision });
      reached = Math.max(reached, entry.revision);
      const done = waiting.filter(({ revision }) => revision <= reached);
      waiting = waiting.filter(({ revision }) => revision > reached);
      for (const { resume } of done) resume();
    },
    reach: (revision: number, clock: Clock) =>
      new Promise<void>((resolve, reject) => {
        if (revision <= reached) {
          resolve();
          return;
        }
        const late = () =>
          reject(new WeftError("unavailable", `The copy of the intents is behind revision ${revision}.`));
        const timer = clock.after(answerWithinMs, late);
        const resume = () => {
          timer[Symbol.dispose]();
          resolve();
        };
        waiting.push({ revision, resume });
      }),
  };
}

/** A record that does not fit its schema was not written by Weft: it is left out and said so. */
function readRecord(entry: KvWatchEntry, log: Log): IntentRecord | undefined {
  try {
    return IntentRecord.parse(JSON.parse(entry.string()));
  } catch (error) {
    log.error({ err: error, key: entry.key, revision: entry.revision }, "an intent is not readable");
    return undefined;
  }
}

const Ack = z.object({
  seq: z.number().optional(),
  error: z.object({ err_code: z.number().optional(), description: z.string().optional() }).optional(),
});

/** The expectation stands on the first message; the server checks it when the last one commits. */
async function commitBatch(
  connection: NatsConnection,
  writes: readonly StoredIntent[],
  revision: number,
): Promise<number> {
  const batch = crypto.randomUUID();
  for (const [index, { key, record }] of writes.entries()) {
    const header = headers();
    header.set("Nats-Batch-Id", batch);
    header.set("Nats-Batch-Sequence", String(index + 1));
    if (index === 0) header.set("Nats-Expected-Last-Sequence", String(revision));
    if (record === undefined) header.set("KV-Operation", "DEL");
    const subject = `$KV.${bucket}.${key}`;
    const payload = record === undefined ? "" : JSON.stringify(record);
    if (index < writes.length - 1) {
      connection.publish(subject, payload, { headers: header });
      continue;
    }
    header.set("Nats-Batch-Commit", "1");
    const reply = await connection.request(subject, payload, { headers: header, timeout: answerWithinMs });
    return sequenceOf(Ack.parse(reply.json()));
  }
  return revision;
}

function sequenceOf({ seq, error }: z.infer<typeof Ack>): number {
  if (error?.err_code === wrongLastSequence)
    throw new WeftError("conflict", "The intents were changed meanwhile.", { retryable: true });
  if (error !== undefined || seq === undefined)
    throw new WeftError("unavailable", `The bus refused the batch: ${error?.description ?? "no sequence"}.`);
  return seq;
}
