/**
 * Follows a bucket: once everything that is there, then every change in order, and everything afresh after a reconnect.
 * Reads the bucket's stream by an ordered consumer that the server forgets by itself.
 * Holding what was read, and telling whoever looks, are left to view.ts.
 */
import type { JetStreamClient, PushConsumer } from "@nats-io/jetstream";
import { DeliverPolicy } from "@nats-io/jetstream";
import type { Clock, Log, Signal } from "@weft/runtime";
import { backoffMs, pause } from "@weft/runtime";
import type { BucketName, Records } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { prefixOf, streamOf } from "./bucket.ts";
import type { Deletions } from "./deletions.ts";
import { readRecord } from "./read-record.ts";
import type { StoreLineage } from "./store.ts";
import { storeOf } from "./store.ts";
import { unlessAborted } from "./unless-aborted.ts";
import type { BatchMark } from "./whole-batches.ts";
import { batchMark, wholeBatches } from "./whole-batches.ts";

export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
  /** When it was put, RFC 3339. */
  readonly at: string;
}

export interface FollowPorts {
  readonly jetstream: JetStreamClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Emits when what was read may be out of date as a whole. */
  readonly stale: Signal;
  readonly deletions: Deletions;
  readonly lineage: StoreLineage;
  /** Makes the streams again if the server came back without them. */
  ensureStreams(signal: AbortSignal): Promise<void>;
}

export interface Follower<T> {
  /** What it holds now; undefined before the first `loaded`. */
  held(): ReadonlyMap<string, Entry<T>> | undefined;
  /** Everything that is there; called again after each reconnect. */
  loaded(entries: ReadonlyMap<string, Entry<T>>, at: LoadedAt): void;
  /**
   * What was committed together. A value that is not readable is left out: what is held of its key stays. Never before `loaded`.
   */
  changed(changes: readonly KeyChange<T>[], revision: number): void;
}

export interface LoadedAt {
  readonly revision: number;
  /** When the bucket's stream was made. */
  readonly store: string;
}

export interface KeyChange<T> {
  readonly key: string;
  /** undefined: the key is gone. */
  readonly entry: Entry<T> | undefined;
}

const retry = { firstMs: 50, maxMs: 2_000 } as const;

/** Runs until the signal is aborted. */
export async function followBucket<N extends BucketName>(
  name: N,
  ports: FollowPorts & { readonly signal: AbortSignal },
  follower: Follower<Records[N]>,
): Promise<void> {
  const { signal, clock, log } = ports;
  let failures = 0;
  let first = true;
  while (!signal.aborted) {
    const stale = new AbortController();
    const stop = AbortSignal.any([signal, stale.signal]);
    const unsubscribe = ports.stale.subscribe(() => stale.abort());
    try {
      if (!first) await unlessAborted(ports.ensureStreams(stop), stop);
      first = false;
      await followOnce(name, { ...ports, signal: stop }, follower);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!stop.aborted)
        log.warn({ err: error, bucket: name, failures }, "a bucket is not followed: trying again");
      await pause(clock, backoffMs(failures, retry), stop);
    } finally {
      unsubscribe();
    }
  }
}

/**
 * One reading, until the signal is aborted, the bucket is another one or the consumer ends. Throws when there is what cannot be
 * read on the first.
 */
async function followOnce<N extends BucketName>(
  name: N,
  { jetstream, lineage, deletions, log, signal }: FollowPorts & { readonly signal: AbortSignal },
  follower: Follower<Records[N]>,
): Promise<void> {
  const prefix = prefixOf(name);
  const refused = new AbortController();
  using store = await storeOf(name, { lineage, signal });
  const ended = AbortSignal.any([signal, refused.signal, store.over]);
  const reading = readInto(name, { follower, store: store.made, refuse: (error) => refused.abort(error) });
  const created = jetstream.consumers.getPushConsumer(streamOf(name), {
    deliver_policy: DeliverPolicy.LastPerSubject,
    filter_subjects: `${prefix}>`,
  });
  const consumer = await unlessAborted(created, signal);
  const messages = await consumer.consume({
    callback: (message) => {
      if (ended.aborted) return;
      const key = message.subject.slice(prefix.length);
      const revision = message.seq;
      const value = readRecord(name, { key, revision, data: message.data, headers: message.headers }, log);
      deletions.note(name, key, value === null ? revision : undefined);
      const at = message.timestamp;
      reading.take(key, value === null || value === undefined ? value : { key, value, revision, at }, {
        revision,
        batch: batchMark(message.headers),
      });
      if (message.info.pending === 0) reading.complete();
    },
  });
  const stop = () => messages.stop();
  ended.addEventListener("abort", stop);
  try {
    if (ended.aborted) stop();
    else if ((await consumer.info(true)).num_pending === 0 && !ended.aborted) reading.complete();
    const failure = await messages.closed();
    if (failure instanceof Error) throw failure;
    refused.signal.throwIfAborted();
  } finally {
    ended.removeEventListener("abort", stop);
    void forget(consumer);
  }
}

interface Taken<T> {
  readonly key: string;
  /** null: deleted; undefined: not readable. */
  readonly entry: Entry<T> | null | undefined;
  readonly revision: number;
}

/**
 * Gathers until everything is there, then hands on each change. A value that is not readable (a later Weft wrote it) is
 * no deletion: whoever prunes would take down what runs. So the last readable one stays; and where none is known,
 * which is only so on the first reading, that one is refused as a whole: rather stand still than act on a part.
 */
function readInto<T>(
  name: BucketName,
  { follower, store, refuse }: { follower: Follower<T>; store: string; refuse: (error: WeftError) => void },
) {
  const entries = new Map<string, Entry<T>>();
  const unreadable = new Set<string>();
  let loading = true;
  let reached = 0;
  const handOn = wholeBatches<Taken<T>>((changes) => {
    const readable = changes.flatMap(({ key, entry }): KeyChange<T>[] =>
      entry === undefined ? [] : [{ key, entry: entry ?? undefined }],
    );
    reached = changes.at(-1)?.revision ?? reached;
    follower.changed(readable, reached);
  });
  const gather = (key: string, entry: Entry<T> | null | undefined) => {
    const kept = entry === undefined ? (entries.get(key) ?? follower.held()?.get(key)) : entry;
    if (kept === undefined && follower.held() === undefined) unreadable.add(key);
    else unreadable.delete(key);
    if (kept === null || kept === undefined) entries.delete(key);
    else entries.set(key, kept);
  };
  return {
    /** `entry` null: deleted; undefined: not readable. */
    take: (key: string, entry: Taken<T>["entry"], at: { revision: number; batch: BatchMark | undefined }) => {
      if (!loading) return handOn({ key, entry, revision: at.revision }, at.batch);
      reached = at.revision;
      gather(key, entry);
    },
    complete: () => {
      if (!loading) return;
      if (unreadable.size > 0) return refuse(notReadable(name, unreadable));
      loading = false;
      follower.loaded(entries, { revision: reached, store });
    },
  };
}

function notReadable(name: BucketName, keys: ReadonlySet<string>): WeftError {
  const some = [...keys].slice(0, 10).join(", ");
  return new WeftError(
    "unavailable",
    `${keys.size} records of ${name} are not readable, so what there is is not known: ${some}.`,
    { concerns: name },
  );
}

/** The server would do it by itself after five minutes; until then it would send into the void. */
async function forget(consumer: PushConsumer): Promise<void> {
  try {
    await consumer.delete();
  } catch {
    // The connection or the consumer is gone already.
  }
}
