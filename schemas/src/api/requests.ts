/** Requests and replies of weft.intent.apply and weft.intent.delete, and of the REST API that relays them. */
import { z } from "zod";
import type { Document } from "../documents/document.ts";
import { Refusal } from "../errors.ts";
import { PlannedStep } from "./plan.ts";

export const maxDocuments = 1000;
export const maxRequestBytes = 1024 * 1024;

/** The envelope only: each document is checked by itself, so that every fault of every document is named at once. */
export const ApplyRequest = z.strictObject({
  documents: z.array(z.unknown()),
  dryRun: z.boolean().optional(),
  ifRevision: z
    .number()
    .int()
    .optional()
    .describe("refused unless this is the current revision of the one document"),
});
export type ApplyRequest = z.infer<typeof ApplyRequest>;

export const AppliedDocument = z.object({
  kind: z.string(),
  tenant: z.string(),
  name: z.string(),
  generation: z.number().int(),
  change: z.enum(["created", "changed", "unchanged", "deleted"]),
});
export type AppliedDocument = z.infer<typeof AppliedDocument>;

export const Accepted = z.object({
  accepted: z.literal(true),
  revision: z.number().int(),
  documents: z.array(AppliedDocument),
  steps: z
    .array(PlannedStep)
    .optional()
    .describe("of a dry run that was asked of the gateway: what the services would do"),
});
export const Refused = Refusal.extend({ accepted: z.literal(false) });
export const IntentReply = z.discriminatedUnion("accepted", [Accepted, Refused]);
export type Accepted = z.infer<typeof Accepted>;
export type IntentReply = z.infer<typeof IntentReply>;

/** Answer to weft.store.accept: the buckets that were lost and are taken as they are from now on. */
export const StoreAccepted = z.object({ accepted: z.literal(true), buckets: z.array(z.string()) });
export type StoreAccepted = z.infer<typeof StoreAccepted>;

const named = {
  kind: z.string(),
  tenant: z.string().optional(),
  name: z.string(),
  ifRevision: z.number().int().optional().describe("refused unless this is its current revision"),
};
export const DeleteRequest = z.strictObject({ ...named, dryRun: z.boolean().optional() });
export type DeleteRequest = z.infer<typeof DeleteRequest>;

/** Several at once, all or none: what some of them need may go in the same request. */
export const DeleteSeveralRequest = z.strictObject({
  resources: z.array(z.strictObject(named)),
  dryRun: z.boolean().optional(),
});
export type DeleteSeveralRequest = z.infer<typeof DeleteSeveralRequest>;

export const Condition = z.object({
  type: z.string(),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string(),
  message: z.string(),
  since: z.iso.datetime(),
});
export type Condition = z.infer<typeof Condition>;

export const Status = z.object({ conditions: z.array(Condition) }).loose();
export type Status = z.infer<typeof Status>;

/** A document as read back: with what Weft knows of it. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: Document["kind"];
  readonly metadata: {
    readonly name: string;
    readonly tenant: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly uid: string;
    readonly generation: number;
    readonly revision: number;
    readonly createdAt: string;
  };
  readonly spec: Document["spec"];
  readonly status: Status;
}
