/**
 * The stream of events, read by ordered consumers that leave nothing behind on the server.
 * What has been is read from near the end: how many events of a kind lie behind a place is what the server counts, not we.
 */
import type { Consumer, JetStreamManager, JsMsg } from "@nats-io/jetstream";
import { DeliverPolicy, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { WeftEvent, eventSubject, eventsStream, instantMs } from "@weft/schemas";
import type { EventQuery, EventsPort, LoggedEvent } from "../ports.ts";

/** How far back is looked first, and how much farther each time that too few were found. */
const firstLookBack = 1_000;
const farther = 8;
/** A server that was away is noticed after two of these, by default after half a minute. */
const heartbeatMs = 1_000;

/** What has been stands by its time: services tell their events each at its own pace. What comes stands as it came. */
export function eventLog(connection: NatsConnection): EventsPort {
  return {
    past: async (query) => {
      const past: WeftEvent[] = [];
      const over = new AbortController();
      for await (const item of read(connection, query, over.signal))
        if (item === "past") over.abort();
        else past.push(item.event);
      return past.toSorted((one, other) => instantMs(one.time) - instantMs(other.time));
    },
    follow: async function* follow(query, signal) {
      for await (const item of read(connection, query, signal)) if (item !== "past") yield item;
    },
  };
}

/** The last events that have been, then the word "past", then each that comes. */
async function* read(
  connection: NatsConnection,
  query: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<LoggedEvent | "past"> {
  const { consumer, pending, limit } = await openConsumer(await jetstreamManager(connection), query);
  let left = pending;
  if (left === 0) yield "past"; // nothing is open yet: closing messages that nobody read would wait for ever
  if (signal.aborted) return;
  const messages = await consumer.consume({ idle_heartbeat: heartbeatMs });
  let closed: Promise<unknown> | undefined;
  const close = () => (closed ??= messages.close());
  const stop = () => void close();
  signal.addEventListener("abort", stop);
  try {
    const past: LoggedEvent[] = [];
    for await (const message of messages) {
      const logged = loggedIn(message, query);
      if (left === 0) {
        if (logged !== undefined) yield logged;
        continue;
      }
      left -= 1;
      if (logged !== undefined) past.push(logged);
      if (past.length > limit) past.shift();
      if (left > 0) continue;
      yield* past;
      yield "past";
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await close();
  }
}

interface Opened {
  readonly consumer: Consumer;
  /** How many wait to be read. */
  readonly pending: number;
  readonly limit: number;
}

/** Begins after the event that was named, or so far back that as many as asked for lie ahead. */
async function openConsumer(manager: JetStreamManager, query: EventQuery): Promise<Opened> {
  const { first_seq: first, last_seq: last } = (await manager.streams.info(eventsStream)).state;
  const { after, limit } = query;
  // A sequence that the stream has not reached is one of a store that is gone: then it begins as if none was named.
  if (after !== undefined && after <= last)
    return { ...(await consumerFrom(manager, query, after + 1)), limit: Number.MAX_SAFE_INTEGER };
  // How many of a kind lie ahead the server does not say: all of the name are read.
  for (let back = query.kind === undefined ? Math.max(firstLookBack, limit) : last; ; back *= farther) {
    const start = last - back + 1;
    const opened = await consumerFrom(manager, query, Math.max(start, first, 1));
    if (start <= first || opened.pending >= limit) return { ...opened, limit };
    await opened.consumer.delete();
  }
}

async function consumerFrom(manager: JetStreamManager, query: EventQuery, sequence: number) {
  const consumer = await manager.jetstream().consumers.get(eventsStream, {
    filter_subjects: eventSubject("*", "*", query.tenant ?? "*", query.name ?? "*"),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: sequence,
  });
  return { consumer, pending: (await consumer.info()).num_pending };
}

function loggedIn(message: JsMsg, { kind }: EventQuery): LoggedEvent | undefined {
  try {
    const event = WeftEvent.safeParse(message.json()).data;
    if (event === undefined || (kind !== undefined && kindOfSubject(event) !== kind)) return undefined;
    return { sequence: message.seq, event };
  } catch {
    return undefined; // no JSON, so no event of ours
  }
}

/** Events that an earlier Weft told of documents have it as the document does. */
function kindOfSubject({ subject }: WeftEvent): string | undefined {
  return subject.split("/")[1]?.toLowerCase();
}
