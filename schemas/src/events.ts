/**
 * Events: CloudEvents 1.0 in JSON format, derived from the records by the writer of their bucket.
 * `id` is `<bucket>/<key>@<revision>`, so publishing one again adds nothing. CloudEvents wants it to be another for each event, so the
 * second and later ones of one change (a record of slots in which several handoffs begin) have `#2`, `#3` behind it.
 */
import { z } from "zod";

export const eventTypes = [
  "dev.weft.intent.accepted",
  "dev.weft.intent.deleted",
  "dev.weft.shard.placed",
  "dev.weft.shard.ready",
  "dev.weft.shard.failed",
  "dev.weft.shard.draining",
  "dev.weft.shard.kept",
  "dev.weft.shard.removed",
  "dev.weft.handoff.started",
  "dev.weft.handoff.finished",
  "dev.weft.chain.ready",
  "dev.weft.workload.failed",
  "dev.weft.network.failed",
  "dev.weft.network.blocked",
  "dev.weft.rollout.rolledback",
  "dev.weft.node.lost",
  "dev.weft.node.back",
  "dev.weft.scale.decided",
] as const;
export const EventType = z.enum(eventTypes);
export type EventType = z.infer<typeof EventType>;

export const WeftEvent = z.strictObject({
  specversion: z.literal("1.0"),
  id: z
    .string()
    .describe(
      "<bucket>/<key>@<revision>; with #2, #3 and so on behind it where one change tells several events",
    ),
  source: z.string().describe("/weft/<service>"),
  type: EventType,
  subject: z.string().describe("<tenant>/<kind>/<name>, the kind in lower case"),
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  causationid: z.string().optional().describe("the event or request behind it"),
  data: z.record(z.string(), z.unknown()),
});
export type WeftEvent = z.infer<typeof WeftEvent>;
