/**
 * Watches: what a list answers, first whole (ADDED for each, then SYNCED), then ADDED, MODIFIED and DELETED as it changes.
 * Level-triggered: a change of any record means "compare again", so a slow reader misses steps in between, never the end.
 */
import type { StatusWorld } from "@weft/decide";
import type { FastifyReply } from "fastify";
import type { RecordsPort } from "../ports.ts";
import { openEventStream } from "./event-stream.ts";

/** Items by a key that tells them apart. */
export type Items = ReadonlyMap<string, unknown>;

/** Least time between two comparisons, so that a burst of records costs one. */
const pauseMs = 20;

export interface Watched {
  readonly look: (world: StatusWorld) => Items;
  /** What of an item makes it worth telling anew; left out: all of it. */
  readonly news?: ((item: unknown) => unknown) | undefined;
}

export function watch(reply: FastifyReply, records: RecordsPort, { look, news = all }: Watched): void {
  const stream = openEventStream(reply);
  const sent = new Map<string, { text: string; item: unknown }>();
  let timer: NodeJS.Timeout | undefined;
  let pending = false;

  const compare = () => {
    if (stream.full) return void (pending = true);
    pending = false;
    const items = look(records.world());
    for (const [key, item] of items) {
      const text = JSON.stringify(news(item));
      const before = sent.get(key);
      if (before?.text === text) continue;
      sent.set(key, { text, item });
      stream.send(before === undefined ? "ADDED" : "MODIFIED", item);
    }
    for (const [key, { item }] of sent) {
      if (items.has(key)) continue;
      sent.delete(key);
      stream.send("DELETED", item);
    }
  };
  const soon = () => {
    if (timer !== undefined) return void (pending = true);
    compare();
    timer = setTimeout(() => {
      timer = undefined;
      if (pending) soon();
    }, pauseMs);
  };

  compare();
  stream.send("SYNCED", {});
  const leave = records.changed.subscribe(soon);
  stream.onRoom(() => pending && soon());
  stream.gone.addEventListener("abort", () => {
    leave();
    clearTimeout(timer);
  });
}

function all(item: unknown): unknown {
  return item;
}
