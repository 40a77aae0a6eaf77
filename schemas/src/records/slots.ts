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
  handoffs: z.array(
    z.strictObject({
      from: Label,
      to: Label,
      slots: z.array(
        z
          .number()
          .int()
          .min(0)
          .max(slotCount - 1),
      ),
      phase: HandoffPhase,
      startedAt: z.iso.datetime(),
      cause: Cause,
    }),
  ),
});
export type SlotsRecord = z.infer<typeof SlotsRecord>;
