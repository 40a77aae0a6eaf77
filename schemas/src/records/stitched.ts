/**
 * Stitched: what the network does now for a resource. Bucket weft_stitched, written by the network-stitcher alone.
 * `programmed` means that OVN's northbound rows are there and every live chassis concerned has applied them.
 */
import { z } from "zod";
import { Label } from "../names.ts";
import { Cause } from "./cause.ts";

export const StitchedRecord = z.strictObject({
  kind: z.enum(["network", "workload", "shard", "chain"]),
  tenant: Label,
  name: Label,
  uid: z.string().describe("of the intent (network, chain) or of the placement (workload, shard)"),
  generation: z.number().int(),
  state: z.enum(["waiting", "programmed"]),
  message: z.string().describe("why it waits; empty when programmed"),
  slots: z
    .record(z.string(), z.number().int())
    .optional()
    .describe("of a chain: version of each group's slots in force"),
  fault: z
    .strictObject({ code: z.string(), message: z.string() })
    .optional()
    .describe("what keeps it until somebody takes it away; `message` says the same"),
  at: z.iso.datetime().describe("when the state last changed"),
  cause: Cause,
});
export type StitchedRecord = z.infer<typeof StitchedRecord>;
