/**
 * Streams that go on over a gateway that was restarted: a watch tells only what changed meanwhile, events go on behind the last one.
 * Reads server-sent events; a first try that fails is the caller's to see, a later one is tried again.
 */
import { setTimeout as pause } from "node:timers/promises";
import { WeftError } from "@weft/schemas";
import type { WatchEvent } from "./client-types.ts";

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/** Opens and reads again each time the stream broke off, until an error that another try would not mend, or the signal. */
async function* again<Raw, T>(
  open: () => Promise<AsyncIterable<Raw>>,
  read: (stream: AsyncIterable<Raw>) => AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  let opened = false;
  let pauseMs = firstPauseMs;
  for (;;) {
    try {
      const stream = await open();
      opened = true;
      pauseMs = firstPauseMs;
      yield* read(stream);
    } catch (error) {
      const broken = error instanceof WeftError && error.retryable;
      if (!opened || !broken || signal?.aborted === true) throw error;
    }
    await pause(pauseMs, undefined, signal === undefined ? {} : { signal });
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
}

/** `open` begins a watch of the same things: ADDED for each, SYNCED, then changes. `keyOf` tells them apart. */
export async function* resumedWatch<T>(
  open: () => Promise<AsyncIterable<WatchEvent<T>>>,
  keyOf: (item: T) => string,
  signal?: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const held = new Map<string, { readonly item: T; readonly text: string }>();
  let synced = false;
  const read = async function* read(stream: AsyncIterable<WatchEvent<T>>): AsyncGenerator<WatchEvent<T>> {
    const seen = new Set<string>();
    let complete = false;
    for await (const event of stream) {
      if (event.type === "SYNCED") {
        complete = true;
        yield* gone(held, seen);
        if (!synced) yield event;
        synced = true;
        continue;
      }
      const key = keyOf(event.item);
      if (!complete) seen.add(key);
      const change = changeOf(held, key, event);
      if (change !== undefined) yield change;
    }
  };
  yield* again(open, read, signal);
}

/** What was there before the connection broke and is not any more. */
function* gone<T>(
  held: Map<string, { readonly item: T }>,
  seen: ReadonlySet<string>,
): Generator<WatchEvent<T>> {
  for (const [key, { item }] of held) {
    if (seen.has(key)) continue;
    held.delete(key);
    yield { type: "DELETED", item };
  }
}

/** Nothing where the receiver knows it so already. */
function changeOf<T>(
  held: Map<string, { readonly item: T; readonly text: string }>,
  key: string,
  { type, item }: Exclude<WatchEvent<T>, { type: "SYNCED" }>,
): WatchEvent<T> | undefined {
  const before = held.get(key);
  if (type === "DELETED") {
    held.delete(key);
    return before === undefined ? undefined : { type, item };
  }
  const text = JSON.stringify(item);
  if (before?.text === text) return undefined;
  held.set(key, { item, text });
  return { type: before === undefined ? "ADDED" : "MODIFIED", item };
}

export interface IdentifiedEvent<T> {
  readonly id: string | undefined;
  readonly event: T;
}

/** `open` begins behind the event of that id; undefined: with those that have been. */
export async function* resumedEvents<T>(
  open: (after: string | undefined) => Promise<AsyncIterable<IdentifiedEvent<T>>>,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  let last: string | undefined;
  const read = async function* read(stream: AsyncIterable<IdentifiedEvent<T>>): AsyncGenerator<T> {
    for await (const { id, event } of stream) {
      last = id ?? last;
      yield event;
    }
  };
  yield* again(() => open(last), read, signal);
}
