/** Steps of a plan: what a dry run says that the services would do. */
import { z } from "zod";

export const PlannedStep = z.object({
  service: z.string().describe("who would take it, e.g. scheduler"),
  node: z.string().optional().describe("whose agent"),
  kind: z.string().describe("as in the service's log and in weft_steps_total, e.g. placeShard"),
  tenant: z.string(),
  concerns: z.string().describe("e.g. shard/edge-fw-1"),
  key: z.string().describe("of the record or of the northbound row"),
  why: z.string(),
});
export type PlannedStep = z.infer<typeof PlannedStep>;
