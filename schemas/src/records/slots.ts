/** Slots: which shard owns each of a group's 256 slots. Bucket weft_slots, written by the network-stitcher alone. */
import { z } from "zod";
import { GroupName, Label } from "../names.ts";
import { Cause } from "./cause.ts";

export const slotCount = 256;

export const HandoffPhase = z.enum(["freeze", "copy", "arm", "switch", "drain", "done"]);

export const SlotsRecord = z.strictObject({
  tenant: Label,
  group: GroupName,
  groupUid: z.string().describe("uid of the group's intent"),
  version: z.number().int().min(0).describe("counts the changes of owners"),
  owners: z.array(Label.nullable()).length(slotCount).describe("shard names; null while no shard is ready"),
  leaving: z
    .array(
      z.strictObject({
        shard: Label,
        placementUid: z.string(),
        revision: z.number().int().describe("of the placement that says so"),
      }),
    )
    .default([])
    .describe(
      "shards that are known to leave: none of them gets a slot any more, so an agent may take one away",
    ),
  nextHandoff: z.number().int().min(1).default(1).describe("id of the next handoff that begins"),
  handoffs: z.array(
    z.strictObject({
      id: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe("counts up in the group and is never used again; of 0.1.0 always 0"),
      from: Label,
      to: Label,
      fromGone: z
        .boolean()
        .default(false)
        .describe("the giver failed: nothing of it can be kept, no frame is sent back to it"),
      slots: z.array(
        z
          .number()
          .int()
          .min(0)
          .max(slotCount - 1),
      ),
      phase: HandoffPhase,
      startedAt: z.iso.datetime(),
      flowsCut: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe("done: about how many of the giver's flows were not waited for"),
      cause: Cause,
    }),
  ),
});
export type SlotsRecord = z.infer<typeof SlotsRecord>;
