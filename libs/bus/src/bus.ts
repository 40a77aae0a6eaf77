/**
 * Bus: all that a service does over NATS, in one place: records, requests, messages, events.
 * Reads and writes the buckets, WEFT_EVENTS and plain subjects.
 * Each half is left to a file of its own; this one ties them to one connection.
 */
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Log, Signal } from "@weft/runtime";
import { systemClock } from "@weft/runtime";
import type { BucketName, Records } from "@weft/schemas";
import { openConnection } from "./connection.ts";
import type { FlowLists } from "./flow-lists.ts";
import { flowLists } from "./flow-lists.ts";
import type { FollowPorts } from "./follow-bucket.ts";
import type { ToEvents } from "./follow-events.ts";
import { followEvents } from "./follow-events.ts";
import type { HearOptions, Line } from "./lines.ts";
import { hear, openLine } from "./lines.ts";
import type { Lineage } from "./lineage.ts";
import { LineageWatch } from "./lineage.ts";
import type { Handler, Listener, RequestTimes } from "./messages.ts";
import { publish, request, respond, subscribe } from "./messages.ts";
import { watchStreams } from "./stream-losses.ts";
import { ensureStreams } from "./streams.ts";
import type { View } from "./view.ts";
import { openView } from "./view.ts";
import { write } from "./write.ts";
import { writeEach } from "./write-each.ts";

export interface BatchWrite<T> {
  readonly key: string;
  /** null deletes. */
  readonly value: T | null;
  /** 0: the key must not exist. Left out: whatever there is, which is for batches under `ifStreamRevision`. */
  readonly ifRevision?: number;
  /** Of a deletion: what asked for it. Followers of events are told. */
  readonly cause?: string;
}

export interface Bus {
  /** The raw connection, for streams of bytes. */
  readonly connection: NatsConnection;
  /** The connection was lost and is back: plain messages of that time are lost, views go on by themselves. */
  readonly reconnected: Signal;
  readonly flowLists: FlowLists;
  /** Which buckets were lost while others stayed: whoever decides from one of them must not (bucket-guard.ts). */
  readonly lineage: Lineage;
  /** False while what this process was asked before it stood still may still come in: it must not be carried out. */
  awake(): boolean;
  /** Resolves once everything that is there has been read. */
  view<N extends BucketName>(name: N): Promise<View<Records[N]>>;
  /** Returns the new revision. `ifRevision` 0: must not exist. Throws WeftError("conflict") when the revision is another. */
  put<N extends BucketName>(
    name: N,
    key: string,
    record: Records[N],
    o?: { readonly ifRevision?: number | undefined },
  ): Promise<number>;
  remove(name: BucketName, key: string, o?: { readonly ifRevision?: number | undefined }): Promise<void>;
  /**
   * All or none, at most 1,000. Returns the last write's revision; the others have those just before it, in order.
   * `ifStreamRevision`: only while nobody has written to the whole bucket since; else WeftError("conflict").
   * Without writes, the bucket's revision.
   */
  batch<N extends BucketName>(
    name: N,
    writes: readonly BatchWrite<Records[N]>[],
    o?: { readonly ifStreamRevision?: number },
  ): Promise<number>;
  /**
   * Any number, each by itself. Returns the keys that were refused because their record was at another revision; the others
   * are written. Costs one batch when none is refused.
   */
  writeEach<N extends BucketName>(
    name: N,
    writes: readonly BatchWrite<Records[N]>[],
  ): Promise<ReadonlySet<string>>;
  /** Answers JSON with JSON. A thrown WeftError, or broken JSON, becomes a refusal: `{accepted: false, …}`. */
  respond(subject: string, handler: Handler, o?: { readonly queue?: string }): Disposable;
  /** The answer as it came, a refusal too. Throws WeftError: timeout, or unavailable when nobody listens. */
  request(subject: string, payload: unknown, o?: RequestTimes): Promise<unknown>;
  publish(subject: string, payload: unknown): void;
  subscribe(subject: string, listener: Listener): Disposable;
  /** For what is said many times a second. Lost without a connection. */
  openLine(): Line;
  /** For what is said many times a second: taken as text, and only now and then. */
  hear(subject: string, o: HearOptions): Disposable;
  /** Publishes the events of a bucket's changes, each once, over restarts too. For the bucket's writer; any number of copies. */
  followEvents<N extends BucketName>(
    name: N,
    toEvents: ToEvents<Records[N]>,
  ): Promise<Disposable & AsyncDisposable>;
  /** What was sent is delivered first. */
  close(): Promise<void>;
}

/** Waits for a server that is not there yet. Throws WeftError("unavailable") for one that is too old or has no JetStream. */
export async function connectBus(o: {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
}): Promise<Bus> {
  const { log } = o;
  const clock = systemClock();
  const connection = await openConnection(o);
  const { nats, reconnected, deletions } = connection;
  const awake = () => connection.awake();
  const open = new AsyncDisposableStack();
  const lineage = open.use(new LineageWatch(nats, clock));
  const ports: FollowPorts = {
    jetstream: jetstream(nats),
    clock,
    log,
    stale: open.use(watchStreams(connection, { lineage, log })),
    deletions,
    lineage,
    ensureStreams: (signal) => ensureStreams(nats, { clock, log, signal }),
  };
  await ensureStreams(nats, { clock, log });
  return {
    connection: nats,
    reconnected,
    flowLists: flowLists(connection),
    lineage,
    awake,
    view: async (name) => {
      const view = await openView(name, ports);
      open.defer(() => view.close());
      return view;
    },
    put: (name, key, value, { ifRevision } = {}) => write(connection, name, [{ key, value, ifRevision }]),
    remove: async (name, key, { ifRevision } = {}) => {
      await write(connection, name, [{ key, value: null, ifRevision }]);
    },
    batch: (name, writes, o) => write(connection, name, writes, o),
    writeEach: (name, writes) => writeEach(connection, name, writes),
    respond: (subject, handler, { queue } = {}) => respond({ nats, awake, log }, subject, handler, queue),
    request: (subject, payload, times) => request(connection, subject, payload, times),
    publish: (subject, payload) => publish(nats, subject, payload),
    subscribe: (subject, listener) => subscribe({ nats, awake, log }, subject, listener),
    openLine: () => openLine({ connection, ...o }),
    hear: (subject, options) => hear({ connection, ...o }, subject, options),
    followEvents: async (name, toEvents) => {
      const following = await followEvents(name, {
        ...ports,
        connection,
        toEvents,
        log: log.child({ follows: name }),
      });
      return open.use(following);
    },
    close: async () => {
      await open.disposeAsync();
      if (!nats.isClosed()) await nats.drain();
    },
  };
}
