/**
 * Access: who may join as a node, and which nodes were removed. Bucket weft_access, written by the intent service alone.
 * Of every secret only its hash stands here; whoever reads the bucket can neither join nor pass for a node.
 */
import { z } from "zod";
import { Label } from "../names.ts";

const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("SHA-256 of the secret, in hexadecimal");

export const JoinTokenRecord = z.strictObject({
  kind: z.literal("joinToken"),
  id: z.string().describe("the part of the token that is no secret"),
  hash: Hash,
  node: Label.optional().describe("the only name that a host may join under with it"),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  used: z.strictObject({ at: z.iso.datetime(), node: Label }).optional().describe("it works once"),
});
export type JoinTokenRecord = z.infer<typeof JoinTokenRecord>;

export const NodeAccessRecord = z.strictObject({
  kind: z.literal("node"),
  node: Label,
  membership: z
    .strictObject({
      uid: z.string().describe("new at every joining; the agent carries it"),
      hash: Hash,
      address: z.string().describe("tunnel address that it joined with"),
      joinedAt: z.iso.datetime(),
    })
    .optional()
    .describe("absent for a node that was there without joining, such as a lab's"),
  chassis: z.string().optional().describe("its row in OVN's Chassis table when it was removed"),
  removedAt: z.iso
    .datetime()
    .optional()
    .describe("from then on nothing is placed on it and its agent winds down"),
});
export type NodeAccessRecord = z.infer<typeof NodeAccessRecord>;

export const AccessRecord = z.discriminatedUnion("kind", [JoinTokenRecord, NodeAccessRecord]);
export type AccessRecord = z.infer<typeof AccessRecord>;
