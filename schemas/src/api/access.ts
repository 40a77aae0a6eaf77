/** Requests and replies about nodes: a token for one, its joining, its removal. On the bus, and relayed by the gateway. */
import { z } from "zod";
import { Refusal } from "../errors.ts";
import { Label } from "../names.ts";
import { NodeRow } from "./rows.ts";

/** Longest life of a join token, in seconds: a week. */
export const maxTokenSeconds = 7 * 24 * 3600;

export const TokenRequest = z.strictObject({
  ttlSeconds: z.number().int().min(1).max(maxTokenSeconds).default(3600).describe("how long it can be used"),
  node: Label.optional().describe("the only name that a host may join under with it"),
});
export type TokenRequest = z.input<typeof TokenRequest>;

export const JoinToken = z.object({
  token: z.string().describe("shown this once; it works once"),
  expiresAt: z.iso.datetime(),
  node: Label.optional(),
});
export type JoinToken = z.infer<typeof JoinToken>;

export const JoinRequest = z.strictObject({
  token: z.string(),
  name: Label.describe("the node's name"),
  address: z.union([z.ipv4(), z.ipv6()]).describe("where its tunnels end"),
});
export type JoinRequest = z.infer<typeof JoinRequest>;

/** What the intent service grants for a token. */
export const Membership = z.object({
  node: Label,
  uid: z.string(),
  credential: z.string().describe("shown this once; the node asks for its settings with it"),
});
export type Membership = z.infer<typeof Membership>;

/** Where a node finds the rest of Weft. */
export const NodeSettings = z.object({
  nats: z.string(),
  consul: z.string(),
  southbound: z.string().describe("OVN's southbound database, as ovn-remote takes it"),
  tunnel: z.enum(["geneve"]),
  underlayMtu: z.number().int().describe("of the links that the nodes share"),
});
export type NodeSettings = z.infer<typeof NodeSettings>;

export const Joined = Membership.extend({ settings: NodeSettings });
export type Joined = z.infer<typeof Joined>;

/** What a node reads of itself with its credential. */
export const MemberView = z.object({
  node: Label,
  settings: NodeSettings,
  row: NodeRow.nullable().describe("null while its agent has not written its record"),
  incarnation: z
    .string()
    .nullable()
    .describe("of the agent that is ready, new at every start; null while none is"),
});
export type MemberView = z.infer<typeof MemberView>;

export const RemoveNodeRequest = z.strictObject({
  name: Label,
  force: z.boolean().default(false).describe("also while it is alive and carries something"),
});
export type RemoveNodeRequest = z.input<typeof RemoveNodeRequest>;

export const NodeRemoved = z.object({
  name: Label,
  carried: z.array(z.string()).describe("tenant/kind/name of what stood there; it is placed elsewhere"),
});
export type NodeRemoved = z.infer<typeof NodeRemoved>;

const refused = Refusal.extend({ accepted: z.literal(false) });
const granted = { accepted: z.literal(true) };
export const TokenReply = z.discriminatedUnion("accepted", [JoinToken.extend(granted), refused]);
export const JoinReply = z.discriminatedUnion("accepted", [Membership.extend(granted), refused]);
export const RemoveNodeReply = z.discriminatedUnion("accepted", [NodeRemoved.extend(granted), refused]);
