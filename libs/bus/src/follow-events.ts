/**
 * Events, derived from the changes of a bucket by its writer: each change once, in order, also over restarts.
 * Reads the bucket's stream by the durable consumer `events`; writes CloudEvents to WEFT_EVENTS.
 * Which events a change makes is left to `toEvents`.
 */
import type { Consumer, JetStreamManager, JsMsg } from "@nats-io/jetstream";
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { backoffMs, pause } from "@weft/runtime";
import type { BucketName, Records } from "@weft/schemas";
import { WeftEvent } from "@weft/schemas";
import { prefixOf, streamOf } from "./bucket.ts";
import type { Connection } from "./connection.ts";
import type { FollowPorts } from "./follow-bucket.ts";
import { publishEvent } from "./publish-event.ts";
import { causeOf, readRecord } from "./read-record.ts";
import { storeOf } from "./store.ts";
import { unlessAborted } from "./unless-aborted.ts";

export interface Change<T> {
  readonly key: string;
  readonly revision: number;
  /** When it was written, RFC 3339. */
  readonly at: string;
  /** null: deleted. */
  readonly value: T | null;
  /** What the key held before this change; null: nothing, or it is no longer kept. */
  readonly before: T | null;
  /** What asked for a deletion, where its writer said so; a record says it itself. */
  readonly cause: string | undefined;
}
export type ToEvents<T> = (change: Change<T>) => WeftEvent[];

export interface EventOptions<N extends BucketName> extends FollowPorts {
  readonly connection: Connection;
  readonly toEvents: ToEvents<Records[N]>;
}
type Running<N extends BucketName> = EventOptions<N> & { readonly signal: AbortSignal };

const durable = "events";
const retry = { firstMs: 50, maxMs: 5_000 } as const;
/** A change that is not acknowledged by then goes to another copy of the service, or to this one again. */
const ackWaitMs = 5_000;
const answerWithinMs = 3_000;

/** Resolves once the durable consumer is there: from then on no change is missed. */
export async function followEvents<N extends BucketName>(
  name: N,
  options: EventOptions<N>,
): Promise<Disposable & AsyncDisposable> {
  const ended = new AbortController();
  await ensureConsumer(await jetstreamManager(options.connection.nats), name);
  const running = keepFollowing(name, { ...options, signal: ended.signal });
  return {
    [Symbol.dispose]: () => ended.abort(),
    [Symbol.asyncDispose]: () => {
      ended.abort();
      return running;
    },
  };
}

async function keepFollowing<N extends BucketName>(name: N, o: Running<N>): Promise<void> {
  let failures = 0;
  while (!o.signal.aborted) {
    const stale = new AbortController();
    const stop = AbortSignal.any([o.signal, stale.signal]);
    const unsubscribe = o.stale.subscribe(() => stale.abort());
    try {
      await followOnce(name, o, stop);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!stop.aborted)
        o.log.warn({ err: error, bucket: name, failures }, "events are not told: trying again");
      await pause(o.clock, backoffMs(failures, retry), stop);
    } finally {
      unsubscribe();
    }
  }
}

/** Until `stop` is aborted (by the end, or by a reconnect: then a fresh pull is needed), the bucket is another one or the consumer fails. */
async function followOnce<N extends BucketName>(name: N, o: Running<N>, stop: AbortSignal): Promise<void> {
  await unlessAborted(o.ensureStreams(stop), stop);
  using store = await storeOf(name, { lineage: o.lineage, signal: stop });
  const ended = AbortSignal.any([stop, store.over]);
  const prepared = jetstreamManager(o.connection.nats).then((manager) => ensureConsumer(manager, name));
  const consumer = await unlessAborted(prepared, ended);
  const messages = await consumer.consume({
    max_messages: 1,
    expires: 30_000,
    abort_on_missing_resource: true,
  });
  const end = () => messages.stop();
  ended.addEventListener("abort", end);
  try {
    if (ended.aborted) end();
    for await (const message of messages) await tell(name, message, o);
  } finally {
    ended.removeEventListener("abort", end);
    end();
  }
}

/** One change in flight over all copies of the service: events keep the order of the changes. */
async function ensureConsumer(manager: JetStreamManager, name: BucketName): Promise<Consumer> {
  const stream = streamOf(name);
  const consumers = manager.jetstream().consumers;
  try {
    return await consumers.get(stream, durable);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.ConsumerNotFound)
      throw error;
    await manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      deliver_policy: DeliverPolicy.All,
      max_ack_pending: 1,
    });
    return consumers.get(stream, durable);
  }
}

/** Acknowledged only when every event is stored; ids make a second telling harmless. */
async function tell<N extends BucketName>(name: N, message: JsMsg, o: Running<N>): Promise<void> {
  for (let failures = 1; !o.signal.aborted; failures += 1) {
    try {
      for (const event of await eventsOf(name, message, o)) await publishEvent(o.connection, event);
      message.ack();
      return;
    } catch (error) {
      o.log.warn(
        { err: error, bucket: name, revision: message.seq, failures },
        "an event is not stored: trying again",
      );
      message.working();
      await pause(o.clock, backoffMs(failures, retry), o.signal);
    }
  }
  message.nak(); // the next follower need not wait until this delivery has run out
}

async function eventsOf<N extends BucketName>(name: N, message: JsMsg, o: Running<N>): Promise<WeftEvent[]> {
  const key = message.subject.slice(prefixOf(name).length);
  const revision = message.seq;
  const value = readRecord(name, { key, revision, data: message.data, headers: message.headers }, o.log);
  if (value === undefined) return [];
  const before = await recordBefore(name, key, { revision, ports: o });
  const change = { key, revision, at: message.timestamp, value, before, cause: causeOf(message.headers) };
  try {
    return distinct(o.toEvents(change).map((e) => WeftEvent.parse(e)));
  } catch (error) {
    // Trying again would not help, and would hold back every later event.
    o.log.error({ err: error, bucket: name, key, revision }, "a change could not be told as an event");
    return [];
  }
}

/** Several events of one change: the server would take those with the same id for one. */
function distinct(events: readonly WeftEvent[]): WeftEvent[] {
  const ids = new Set<string>();
  return events.map((event, index) => {
    const id = ids.has(event.id) ? `${event.id}#${index + 1}` : event.id;
    ids.add(id);
    return { ...event, id };
  });
}

/**
 * The last revision of the key before this one, by a direct get (ADR-31, multi_last with up_to_seq). By hand, because the
 * client's call leaves a subscription behind with each answer.
 */
async function recordBefore<N extends BucketName>(
  name: N,
  key: string,
  { revision, ports }: { readonly revision: number; readonly ports: Running<N> },
): Promise<Records[N] | null> {
  if (revision <= 1) return null; // up_to_seq 0 would mean: no bound
  const query = { multi_last: [prefixOf(name) + key], up_to_seq: revision - 1 };
  const reply = await ports.connection.request(
    `$JS.API.DIRECT.GET.${streamOf(name)}`,
    JSON.stringify(query),
    {
      timeout: answerWithinMs,
    },
  );
  if (reply.headers?.get("Nats-Subject") !== prefixOf(name) + key) return null;
  const found = Number(reply.headers.get("Nats-Sequence"));
  return (
    readRecord(name, { key, revision: found, data: reply.data, headers: reply.headers }, ports.log) ?? null
  );
}
