/** Server-sent events of the gateway as what they mean: changes of a watched list, and CloudEvents with their ids. */
import { WeftEvent } from "@weft/schemas";
import { z } from "zod";
import type { WatchEvent } from "./client-types.ts";
import type { IdentifiedEvent } from "./resume.ts";
import { checked } from "./shapes.ts";
import type { ServerEvent } from "./sse.ts";

const Change = z.enum(["ADDED", "MODIFIED", "DELETED"]);

export async function* watchEvents<T>(
  stream: AsyncIterable<ServerEvent>,
  shape: z.ZodType<T>,
): AsyncGenerator<WatchEvent<T>> {
  for await (const { event, data } of stream) {
    if (event === "SYNCED") yield { type: event };
    const change = Change.safeParse(event);
    if (change.success) yield { type: change.data, item: checked(shape, JSON.parse(data)) };
  }
}

export async function* identified(
  stream: AsyncIterable<ServerEvent>,
): AsyncGenerator<IdentifiedEvent<WeftEvent>> {
  for await (const { id, data } of stream) yield { id, event: checked(WeftEvent, JSON.parse(data)) };
}
