/**
 * Intent: what an operator asked for, as admitted. Bucket weft_intents, written by the intent service alone.
 * The document is complete: tenant set, defaults filled in, no status.
 */
import { z } from "zod";
import { Document } from "../documents/document.ts";

export const IntentRecord = z.strictObject({
  document: Document,
  uid: z.string().describe("new for every resource, also when an old name is used again"),
  generation: z.number().int().min(1).describe("counts the changes of spec"),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  cause: z.string().describe("id of the request that asked for it"),
});
export type IntentRecord = z.infer<typeof IntentRecord>;
