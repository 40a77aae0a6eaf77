/**
 * Placement: what runs where, with which addresses. Bucket weft_placements, written by the scheduler alone.
 * A placement is complete in itself: the agent needs no other record to carry it out.
 * Four kinds share the bucket: a group's two subnets, a network's uplink, a shard, a workload.
 */
import { z } from "zod";
import { AddressText } from "../ip.ts";
import { Affinity, FunctionGroupSpec, GroupState } from "../documents/function-group.ts";
import { Runtime } from "../documents/workload.ts";
import { GroupName, Label } from "../names.ts";

/** An address with its prefix length, e.g. 10.1.0.11/16. */
const InterfaceAddress = z.string().regex(/^[0-9a-f.:]+\/\d{1,3}$/i);
const Mac = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);

/** The logical switch that an interface is plugged into: a network's, or the inner or outer one of a group. */
export const Segment = z.strictObject({ kind: z.enum(["network", "inner", "outer"]), name: Label });
export type Segment = z.infer<typeof Segment>;

export const PlacedInterface = z.strictObject({
  name: z
    .string()
    .max(15)
    .describe("inside the namespace: net0, net1, … of a workload; in0 and out0 of a shard"),
  port: z.string().describe("name of the logical switch port, and iface-id of the Open vSwitch port"),
  segment: Segment,
  mac: Mac,
  addresses: z.array(InterfaceAddress),
  mtu: z.number().int(),
});
export type PlacedInterface = z.infer<typeof PlacedInterface>;

export const PlacedRoute = z.strictObject({
  to: z.string().describe("a subnet or address; default4 and default6 for everything"),
  via: AddressText.optional().describe("left out for what is on the link"),
  interface: z.string(),
  arrivedOn: z.string().optional().describe("only for packets that came in by this interface"),
});
export type PlacedRoute = z.infer<typeof PlacedRoute>;

const instance = {
  tenant: Label,
  name: Label,
  uid: z.string().describe("new for every placing, also when an old name is used again"),
  intentUid: z.string(),
  intentRevision: z.number().int().describe("revision of the intent that this was decided from"),
  generation: z.number().int().describe("the intent's generation that this carries"),
  node: Label,
  runtime: Runtime,
  image: z.string().optional(),
  resources: z.strictObject({
    cpu: z.number().optional().describe("cores"),
    memory: z.number().optional().describe("bytes"),
    bandwidth: z.number().optional().describe("bit/s"),
  }),
  interfaces: z.array(PlacedInterface),
  routes: z.array(PlacedRoute),
  leaving: z.boolean().describe("true once it must go; the agent then removes it and its realized record"),
};

/** What the shards of one generation of a group are made of. */
export const ProvenSpec = FunctionGroupSpec.pick({
  function: true,
  runtime: true,
  image: true,
  resources: true,
  config: true,
}).extend({
  generation: z.number().int(),
  intentRevision: z.number().int(),
});
export type ProvenSpec = z.infer<typeof ProvenSpec>;

/** How far a change of a group's shards has come; what it goes back to when the change fails. */
export const Rollout = z.strictObject({
  proven: ProvenSpec.optional().describe("the last generation of which all shards were ready"),
  rolledBack: z
    .strictObject({
      generation: z.number().int().describe("of the intent; the next one is tried anew"),
      intentRevision: z.number().int(),
      at: z.iso.datetime(),
      message: z.string(),
    })
    .optional(),
});
export type Rollout = z.infer<typeof Rollout>;

export const GroupPlacement = z.strictObject({
  kind: z.literal("group"),
  tenant: Label,
  name: GroupName,
  intentUid: z.string(),
  index: z
    .number()
    .int()
    .min(0)
    .describe("which pair of subnets of 100.64.0.0/10 and fd77::/16 the group has"),
  affinity: Affinity,
  inner: z
    .array(InterfaceAddress)
    .describe("subnets towards the clients; the first address of each is the router's"),
  outer: z.array(InterfaceAddress).describe("subnets towards the servers, likewise"),
  mtu: z.number().int(),
  state: GroupState.optional().describe("left out: local"),
  rollout: Rollout.optional(),
});
export type GroupPlacement = z.infer<typeof GroupPlacement>;

/** How a probe passes through a shard: two tiny hosts, one on each side, that can reach each other only through it. */
export const ProbePlacement = z.strictObject({
  inner: PlacedInterface,
  innerRoutes: z.array(PlacedRoute),
  outer: PlacedInterface,
  outerRoutes: z.array(PlacedRoute),
  targets: z.array(AddressText).describe("the outer host's addresses, one of each family"),
});
export type ProbePlacement = z.infer<typeof ProbePlacement>;

export const ShardPlacement = z.strictObject({
  kind: z.literal("shard"),
  ...instance,
  group: GroupName,
  index: z.number().int().min(0),
  function: z.string(),
  config: z.record(z.string(), z.unknown()),
  askedAt: z.iso.datetime().optional().describe("when it was told the generation that it carries"),
  networks: z
    .record(z.string(), z.array(InterfaceAddress))
    .describe("subnets of every network of the tenant, for the function's renderer"),
  probe: ProbePlacement,
  leavingSince: z.iso
    .datetime()
    .optional()
    .describe("when it was first told to leave: its drain's time runs"),
});
export type ShardPlacement = z.infer<typeof ShardPlacement>;

export const WorkloadPlacement = z.strictObject({
  kind: z.literal("workload"),
  ...instance,
  command: z.array(z.string()).optional(),
});
export type WorkloadPlacement = z.infer<typeof WorkloadPlacement>;

/** A network's physical segment: which of its nodes connects it. Every node named makes its bridge ready. */
export const UplinkPlacement = z.strictObject({
  kind: z.literal("uplink"),
  tenant: Label,
  name: Label.describe("of the network"),
  intentUid: z.string(),
  intentRevision: z.number().int(),
  generation: z.number().int(),
  interface: z.string(),
  vlan: z.number().int().optional(),
  physicalNetwork: z.string().describe("name of the segment in ovn-bridge-mappings, the same on every node"),
  nodes: z.array(Label),
  active: z
    .strictObject({ node: Label, chassis: z.string() })
    .nullable()
    .describe("null while none of the nodes has the segment ready"),
});
export type UplinkPlacement = z.infer<typeof UplinkPlacement>;

export const PlacementRecord = z.discriminatedUnion("kind", [
  GroupPlacement,
  UplinkPlacement,
  ShardPlacement,
  WorkloadPlacement,
]);
export type PlacementRecord = z.infer<typeof PlacementRecord>;
/** A placement that an agent carries out. */
export type InstancePlacement = ShardPlacement | WorkloadPlacement;

export function isInstance(placement: PlacementRecord): placement is InstancePlacement {
  return placement.kind === "shard" || placement.kind === "workload";
}
