/** Network: a layer-2 segment with subnets; an OVN logical switch joined to its tenant's logical router. */
import { z } from "zod";
import { SubnetText, formatSubnet, parseSubnet } from "../ip.ts";
import { Label } from "../names.ts";
import { atMost, sound, soundList } from "./beside-faults.ts";
import { documentOf } from "./metadata.ts";

/** IFNAMSIZ is 16 with the ending zero; '/' and white space are not allowed in a link's name (dev_valid_name in Linux). */
const InterfaceName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/,
    "must be the name of a network interface: at most 15 characters",
  );

/** A physical segment that is a part of the network. One node at a time connects it; the others stand by. */
export const Uplink = z.strictObject({
  interface: InterfaceName.describe("of each of the nodes: where the segment's cable ends"),
  vlan: z
    .number()
    .int()
    .min(1, "must be from 1 to 4094")
    .max(4094, "must be from 1 to 4094")
    .optional()
    .describe("IEEE 802.1Q tag on the cable; left out: untagged"),
  nodes: atMost(Label, 16, "takes at most 16 nodes")
    .min(1, "needs at least one node")
    .refine((nodes) => new Set(nodes).size === nodes.length, "names a node twice")
    .describe("nodes that the segment is cabled to; the first that can connects it"),
});
export type Uplink = z.infer<typeof Uplink>;

export const NetworkSpec = z.strictObject({
  subnets: atMost(SubnetText, 2, "takes at most one IPv4 and one IPv6 subnet")
    .min(1, "needs at least one subnet")
    .describe("at most one of each family; the first address of each is the router's"),
  mtu: z
    .number()
    .int()
    .min(1280, "must be from 1280 to 8900")
    .max(8900, "must be from 1280 to 8900")
    .default(1400)
    .describe("bytes; Geneve costs 58 of the underlay's"),
  uplink: Uplink.optional(),
});
/** What can be read of a spec with faults, subnets in their usual form. */
export const SoundNetworkSpec = z
  .object({
    subnets: soundList(SubnetText.transform((text) => formatSubnet(parseSubnet(text)))),
    uplink: sound(Uplink),
  })
  .catch({});
export const Network = documentOf("Network", NetworkSpec);
export type NetworkSpec = z.infer<typeof NetworkSpec>;
export type Network = z.infer<typeof Network>;
