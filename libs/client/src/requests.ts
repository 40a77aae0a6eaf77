/** The ways to ask the gateway: for one answer, and for a watch or events that go on where they broke off. */
import type { WeftEvent } from "@weft/schemas";
import type { z } from "zod";
import { resumedEvents, resumedWatch } from "./resume.ts";
import { keyOf } from "./shapes.ts";
import type { ServerEvent } from "./sse.ts";
import { serverEvents } from "./sse.ts";
import type { WatchEvent } from "./client-types.ts";
import type { Call, Server } from "./transport.ts";
import { bodyOf, call } from "./transport.ts";
import { identified, watchEvents } from "./watch-events.ts";

export class Requests {
  readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  async json(path: string, options: Call = {}): Promise<unknown> {
    return (await call(this.server, path, options)).json();
  }

  watch<T>(path: string, shape: z.ZodType<T>, signal?: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    return resumedWatch(() => this.#watchOnce(path, shape, signal), keyOf, signal);
  }

  events(query: NonNullable<Call["query"]>, signal?: AbortSignal): AsyncGenerator<WeftEvent> {
    return resumedEvents((after) => this.#eventsAfter(after, { query, signal }), signal);
  }

  async #watchOnce<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal | undefined) {
    return watchEvents(await this.#stream(path, { query: { watch: true }, signal }), shape);
  }

  async #eventsAfter(after: string | undefined, options: Pick<Call, "query" | "signal">) {
    const headers = after === undefined ? {} : { "last-event-id": after };
    return identified(await this.#stream("/v1/events", { ...options, headers }));
  }

  /** Resolves once the gateway has taken the request. */
  async #stream(path: string, options: Call): Promise<AsyncGenerator<ServerEvent>> {
    return serverEvents(bodyOf(await call(this.server, path, options), options.signal));
  }
}
