/** Rows: what `get` answers for things that are no documents. Numbers are in base units. */
import { z } from "zod";

export const ShardState = z.enum(["pending", "starting", "ready", "draining", "failed"]);
export type ShardState = z.infer<typeof ShardState>;

export const ShardDrain = z.object({
  waitsFor: z.string().describe("all of it in a phrase"),
  since: z.iso.datetime().nullable().describe("when it was told to leave"),
  deadline: z.iso.datetime().nullable().describe("when what is left is cut; null: never"),
  owns: z.number().int().describe("slots that nobody else has yet"),
  slots: z.number().int().describe("slots of its handoffs that are not over"),
  flows: z
    .number()
    .int()
    .nullable()
    .describe("that it still knows in these slots, as last counted; null: not yet"),
  oldest: z
    .object({ phase: z.string(), startedAt: z.iso.datetime() })
    .nullable()
    .describe("of these handoffs the one that began first"),
});
export type ShardDrain = z.infer<typeof ShardDrain>;

export const ShardRow = z.object({
  name: z.string(),
  functionGroup: z.string(),
  tenant: z.string(),
  node: z.string(),
  state: ShardState,
  slots: z.number().int(),
  flows: z.number().nullable(),
  bitsPerSecond: z.number().nullable(),
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  restarts: z.number().int(),
  readyAt: z.iso.datetime().nullable(),
  drain: ShardDrain.nullable().describe("what it waits for before it goes; null of one that stays"),
});
export type ShardRow = z.infer<typeof ShardRow>;

export const SlotsView = z.object({ version: z.number().int(), owners: z.array(z.string().nullable()) });
export type SlotsView = z.infer<typeof SlotsView>;

export const HandoffRow = z.object({
  functionGroup: z.string(),
  from: z.string(),
  to: z.string(),
  slots: z.number().int(),
  phase: z.string(),
  startedAt: z.iso.datetime(),
});
export type HandoffRow = z.infer<typeof HandoffRow>;

export const NodeRow = z.object({
  name: z.string(),
  state: z.enum(["ready", "cordoned", "draining", "drained", "lost", "leaving", "unknown"]),
  address: z.string(),
  runtimes: z.array(z.string()),
  capacity: z.object({ cpu: z.number(), memory: z.number() }),
  allocated: z.object({ cpu: z.number(), memory: z.number() }),
  datapath: z.string(),
  ovsVersion: z.string(),
  drain: z
    .object({ waitsFor: z.array(z.string()) })
    .nullable()
    .describe("what of it must still move or go, and why it doesn't; null where it is not to be drained"),
});
export type NodeRow = z.infer<typeof NodeRow>;

export const FunctionRow = z.object({
  name: z.string(),
  description: z.string(),
  runtimes: z.array(z.string()),
});
export type FunctionRow = z.infer<typeof FunctionRow>;

export const ServiceRow = z.object({
  name: z.string(),
  id: z.string(),
  address: z.string(),
  state: z.enum(["passing", "warning", "critical"]),
  leader: z.boolean(),
});
export type ServiceRow = z.infer<typeof ServiceRow>;
