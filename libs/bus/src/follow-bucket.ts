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
import { prefixOf, streamOf } from "./bucket.ts";
import { readRecord } from "./read-record.ts";
import { unlessAborted } from "./unless-aborted.ts";

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
  readonly reconnected: Signal;
  /** Makes the streams again if the server came back without them. */
  ensureStreams(signal: AbortSignal): Promise<void>;
}

export interface Follower<T> {
  /** Everything that is there; called again after each reconnect. */
  loaded(entries: ReadonlyMap<string, Entry<T>>): void;
  /** `entry` undefined: the key is gone. Never before `loaded`. */
  changed(key: string, entry: Entry<T> | undefined): void;
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
    const unsubscribe = ports.reconnected.subscribe(() => stale.abort());
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

/** One reading, until the signal is aborted or the consumer ends. */
async function followOnce<N extends BucketName>(
  name: N,
  { jetstream, log, signal }: FollowPorts & { readonly signal: AbortSignal },
  follower: Follower<Records[N]>,
): Promise<void> {
  const prefix = prefixOf(name);
  let loading: Map<string, Entry<Records[N]>> | undefined = new Map();
  const loaded = () => {
    if (loading === undefined || signal.aborted) return;
    const entries = loading;
    loading = undefined;
    follower.loaded(entries);
  };
  const created = jetstream.consumers.getPushConsumer(streamOf(name), {
    deliver_policy: DeliverPolicy.LastPerSubject,
    filter_subjects: `${prefix}>`,
  });
  const consumer = await unlessAborted(created, signal);
  const messages = await consumer.consume({
    callback: (message) => {
      if (signal.aborted) return;
      const key = message.subject.slice(prefix.length);
      const revision = message.seq;
      const value = readRecord(name, { key, revision, data: message.data, headers: message.headers }, log);
      const entry =
        value === null || value === undefined ? undefined : { key, value, revision, at: message.timestamp };
      if (loading === undefined) follower.changed(key, entry);
      else if (entry === undefined) loading.delete(key);
      else loading.set(key, entry);
      if (message.info.pending === 0) loaded();
    },
  });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) stop();
    else if ((await consumer.info(true)).num_pending === 0) loaded();
    const failure = await messages.closed();
    if (failure instanceof Error) throw failure;
  } finally {
    signal.removeEventListener("abort", stop);
    void forget(consumer);
  }
}

/** The server would do it by itself after five minutes; until then it would send into the void. */
async function forget(consumer: PushConsumer): Promise<void> {
  try {
    await consumer.delete();
  } catch {
    // The connection or the consumer is gone already.
  }
}
