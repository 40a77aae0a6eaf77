/** Realized: what an agent made of a placement. Bucket weft_realized, each record written by one node's agent alone. */
import { z } from "zod";
import { Label } from "../names.ts";

export const RealizedState = z.enum(["creating", "running", "exited", "failed"]);

export const RealizedRecord = z.strictObject({
  kind: z.enum(["shard", "workload", "uplink"]),
  tenant: Label,
  name: Label,
  group: Label.optional(),
  node: Label,
  placementUid: z.string().describe("an uplink's is the uid of its network's intent"),
  placementRevision: z.number().int(),
  generation: z.number().int().describe("the intent's generation that runs now"),
  state: RealizedState,
  instance: z.string().optional().describe("container id, or process id, of what runs"),
  holder: z.string().optional().describe("container id of the holder, or name of the network namespace"),
  namespaceInode: z
    .number()
    .int()
    .optional()
    .describe("inode of the network namespace: equal before and after means kept"),
  configHash: z.string().optional().describe("sha256 of the configuration that is live"),
  configLoadedAt: z.iso.datetime().optional(),
  exitCode: z.number().int().optional().describe("of what ran, once it has ended and somebody saw with what"),
  restarts: z.number().int(),
  startedAt: z.iso.datetime().optional(),
  fault: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type RealizedRecord = z.infer<typeof RealizedRecord>;
