/** /v1/events: the CloudEvents that have been, newest last; with `follow` as server-sent events with ids, going on as they come. */
import { Label } from "@weft/schemas";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { Flag, readQuery } from "../edge/query.ts";
import type { GatewayPorts } from "../ports.ts";
import { openEventStream } from "../watch/event-stream.ts";

const parameters = {
  follow: Flag,
  tenant: Label.optional(),
  name: Label.optional(),
  kind: Label.optional(),
  limit: z.coerce.number().int().min(0).max(10_000).default(1000),
};

export function addEventRoutes(app: FastifyInstance, { events, log }: GatewayPorts): void {
  app.get("/v1/events", async (request, reply) => {
    const { follow, tenant, name, kind, limit } = readQuery(request, parameters);
    const query = {
      limit,
      ...(tenant === undefined ? {} : { tenant }),
      ...(name === undefined ? {} : { name }),
      ...(kind === undefined ? {} : { kind }),
    };
    if (!follow) return reply.send({ items: await events.past(query) });
    const stream = openEventStream(reply);
    try {
      const after = lastEventId(request);
      const asked = after === undefined ? query : { ...query, after };
      for await (const { sequence, event } of events.follow(asked, stream.gone)) {
        stream.send("EVENT", event, sequence);
        if (stream.full) await room(stream);
      }
    } catch (error) {
      if (!stream.gone.aborted) log.warn({ err: error }, "following events failed");
    } finally {
      stream.end();
    }
  });
}

/** What the reader had before its connection broke: `id` of the last event, as browsers send it by themselves. */
function lastEventId({ headers }: FastifyRequest): number | undefined {
  const given = headers["last-event-id"];
  return typeof given === "string" && /^\d{1,15}$/.test(given) ? Number(given) : undefined;
}

function room(stream: ReturnType<typeof openEventStream>): Promise<void> {
  return new Promise((resolve) => {
    stream.onRoom(resolve);
    stream.gone.addEventListener("abort", () => resolve(), { once: true });
  });
}
