/**
 * Stores one CloudEvent in WEFT_EVENTS, under its id: storing it again adds nothing.
 * Writes to the subject that the event's type and subject give.
 * Deriving events is left to follow-events.ts.
 */
import { headers } from "@nats-io/transport-node";
import type { WeftEvent } from "@weft/schemas";
import { WeftError, eventSubject } from "@weft/schemas";
import { z } from "zod";
import type { Connection } from "./connection.ts";

const Ack = z.object({
  seq: z.number().int().optional(),
  duplicate: z.boolean().optional(),
  error: z.object({ description: z.string().optional() }).optional(),
});
const storedWithinMs = 3_000;

/** Resolves when the event is on disk. `duplicate`: it was there already. */
export async function publishEvent(
  connection: Connection,
  event: WeftEvent,
): Promise<{ readonly duplicate: boolean }> {
  const header = headers();
  header.set("Nats-Msg-Id", event.id);
  header.set("Content-Type", "application/cloudevents+json");
  const subject = subjectOf(event);
  const reply = await connection.request(subject, JSON.stringify(event), {
    headers: header,
    timeout: storedWithinMs,
  });
  const ack = Ack.parse(reply.json());
  if (ack.error !== undefined || ack.seq === undefined)
    throw new WeftError(
      "unavailable",
      `The event ${event.id} was not stored: ${ack.error?.description ?? "no sequence"}.`,
    );
  return { duplicate: ack.duplicate ?? false };
}

/** `dev.weft.<stage>.<what>` about `<tenant>/<kind>/<name>`; `_` where no tenant owns the thing. */
export function subjectOf({ type, subject }: WeftEvent): string {
  const [, , stage = "_", what = "_"] = type.split(".");
  const [tenant = "", , name = ""] = subject.split("/");
  return eventSubject(stage, what, tenant || "_", name || "_");
}
