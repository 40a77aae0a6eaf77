/**
 * Shims: how far the packet steering in front of a shard has followed the slots record. Bucket weft_shims, each record
 * written by the agent of the shard's node alone. Without a record that names its placement a shard gets no slot.
 */
import { z } from "zod";
import { GroupName, Label } from "../names.ts";

/** Of one handoff, by the giver (frozen, copied, draining, drained) or by the receiver (armed). */
export const ShimProgress = z.strictObject({
  id: z.number().int().min(0).describe("of the handoff in the group's slots record"),
  reached: z.enum(["frozen", "copied", "armed", "draining", "drained"]),
  flows: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("copied: in the list; draining: still known in the handoff's slots when last looked"),
});
export type ShimProgress = z.infer<typeof ShimProgress>;

export const ShimRecord = z.strictObject({
  tenant: Label,
  group: GroupName,
  shard: Label,
  node: Label,
  placementUid: z.string(),
  namespaceInode: z.number().int().describe("of the namespace whose interfaces it guards"),
  flowsAtLeast: z
    .number()
    .int()
    .min(0)
    .describe("about how many flows it knows, as a power of two or 0: written only when that changes"),
  handoffs: z.array(ShimProgress).describe("by id"),
  keeps: z
    .array(Label)
    .optional()
    .describe(
      "state: replicated: the other shards of the group whose connections are known whole on this shard's node",
    ),
  fault: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type ShimRecord = z.infer<typeof ShimRecord>;

/** client, server, protocol number, client port, server port; ports are 0 where the protocol has none. */
export const Flow = z.tuple([
  z.string().max(39),
  z.string().max(39),
  z.number().int().min(0).max(255),
  z.number().int().min(0).max(65_535),
  z.number().int().min(0).max(65_535),
]);
export type Flow = z.infer<typeof Flow>;

/** One message of a list in the stream WEFT_FLOWS; a list is whole once all its chunks are there. */
export const FlowChunk = z.strictObject({
  handoff: z.number().int(),
  chunk: z.number().int().min(0),
  chunks: z.number().int().min(1),
  flows: z.array(Flow).max(5000),
});
export type FlowChunk = z.infer<typeof FlowChunk>;
