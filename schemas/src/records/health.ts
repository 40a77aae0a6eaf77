/** Health: verdicts on shards and nodes. Bucket weft_health, written by the health service alone. */
import { z } from "zod";
import { GroupName, Label } from "../names.ts";
import { Cause } from "./cause.ts";

export const ShardHealth = z.strictObject({
  kind: z.literal("shard"),
  tenant: Label,
  name: Label,
  group: GroupName,
  node: Label,
  placementUid: z.string(),
  generation: z.number().int().describe("of the configuration that was live when the probe passed"),
  state: z.enum(["starting", "ready", "failed"]),
  reason: z.string().describe("one CamelCase word, e.g. ProbePassed, NodeLost, ProbeLost, NotWired"),
  message: z.string(),
  since: z.iso.datetime(),
  readyAt: z.iso.datetime().optional().describe("when it was first ready"),
  failedAtMs: z
    .array(z.number())
    .optional()
    .describe("when it failed lately, the last time at the end, in milliseconds since the epoch"),
  heldUntilMs: z
    .number()
    .optional()
    .describe("it works again and is ready only then, since it failed more than once lately"),
  cause: Cause,
});
export type ShardHealth = z.infer<typeof ShardHealth>;

export const NodeHealth = z.strictObject({
  kind: z.literal("node"),
  name: Label,
  state: z.enum(["ready", "lost"]),
  incarnation: z.string(),
  agentSinceMs: z
    .number()
    .optional()
    .describe(
      "when this incarnation was first heard, if it took the place of another, in milliseconds since the epoch",
    ),
  reason: z.string(),
  message: z.string(),
  since: z.iso.datetime(),
  cause: Cause,
});
export type NodeHealth = z.infer<typeof NodeHealth>;

export const HealthRecord = z.discriminatedUnion("kind", [ShardHealth, NodeHealth]);
export type HealthRecord = z.infer<typeof HealthRecord>;

export const ShardReport = z.strictObject({
  tenant: Label,
  name: Label,
  placementUid: z.string(),
  running: z.boolean().describe("its function's process runs, and its holder"),
  wired: z.boolean().default(true).describe("its network namespace and all of its links are there"),
  kernel: z
    .boolean()
    .default(false)
    .describe("the kernel does the function's work, which goes on while it is wired"),
  generation: z.number().int().describe("of the configuration that is live; 0 before the first"),
  probeAgeMs: z.number().nullable().describe("since the last probe passed through it; null before the first"),
});
export type ShardReport = z.infer<typeof ShardReport>;

/** What an agent says of itself and its shards, many times a second, on heartbeatSubject. Not kept anywhere. */
export const Heartbeat = z.strictObject({
  node: Label,
  incarnation: z.string(),
  sequence: z.number().int(),
  shards: z.array(ShardReport).optional().describe("left out: as was said last"),
});
export type Heartbeat = z.infer<typeof Heartbeat>;
