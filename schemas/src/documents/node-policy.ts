/**
 * NodePolicy: what an operator wants of a node. Nodes belong to no tenant, so a policy of any tenant counts, and only one may
 * name a node.
 */
import { z } from "zod";
import { Label } from "../names.ts";
import { sound } from "./beside-faults.ts";
import { documentOf } from "./metadata.ts";

export const NodePolicySpec = z.strictObject({
  node: Label.describe("need not have joined yet"),
  unschedulable: z.boolean().default(false).describe("nothing new is placed on it; what is there stays"),
  drain: z
    .boolean()
    .default(false)
    .describe("what can stand elsewhere moves there, and nothing new is placed on it"),
});
export const SoundNodePolicySpec = z.object({ node: sound(Label) }).catch({});
export const NodePolicy = documentOf("NodePolicy", NodePolicySpec);
export type NodePolicySpec = z.infer<typeof NodePolicySpec>;
export type NodePolicy = z.infer<typeof NodePolicy>;
