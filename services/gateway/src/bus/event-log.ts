/** The stream of events, read by ordered consumers that leave nothing behind on the server. */
import type { JsMsg } from "@nats-io/jetstream";
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { WeftEvent, eventSubject, eventsStream } from "@weft/schemas";
import type { EventQuery, EventsPort } from "../ports.ts";

export function eventLog(connection: NatsConnection): EventsPort {
  return {
    past: async (query) => {
      const past: WeftEvent[] = [];
      const over = new AbortController();
      for await (const item of read(connection, query, over.signal))
        if (item === "past") over.abort();
        else past.push(item);
      return past;
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
): AsyncGenerator<WeftEvent | "past"> {
  const consumer = await jetstream(connection).consumers.get(eventsStream, {
    filter_subjects: eventSubject("*", "*", query.tenant ?? "*", query.name ?? "*"),
  });
  let left = (await consumer.info()).num_pending;
  if (left === 0) yield "past"; // nothing is open yet: closing messages that nobody read would wait for ever
  if (signal.aborted) return;
  const messages = await consumer.consume();
  let closed: Promise<unknown> | undefined;
  const close = () => (closed ??= messages.close());
  const stop = () => void close();
  signal.addEventListener("abort", stop);
  try {
    const past: WeftEvent[] = [];
    for await (const message of messages) {
      const event = eventOf(message);
      if (left === 0) {
        if (event !== undefined) yield event;
        continue;
      }
      left -= 1;
      if (event !== undefined) past.push(event);
      if (past.length > query.limit) past.shift();
      if (left > 0) continue;
      yield* past;
      yield "past";
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await close();
  }
}

function eventOf(message: JsMsg): WeftEvent | undefined {
  try {
    return WeftEvent.safeParse(message.json()).data;
  } catch {
    return undefined; // no JSON, so no event of ours
  }
}
