/** Network: a layer-2 segment with subnets; an OVN logical switch joined to its tenant's logical router. */
import { z } from "zod";
import { SubnetText } from "../ip.ts";
import { documentOf } from "./metadata.ts";

export const NetworkSpec = z.strictObject({
  subnets: z
    .array(SubnetText)
    .min(1, "needs at least one subnet")
    .max(2, "takes at most one IPv4 and one IPv6 subnet")
    .describe("at most one of each family; the first address of each is the router's"),
  mtu: z
    .number()
    .int()
    .min(1280)
    .max(8900)
    .default(1400)
    .describe("bytes; Geneve costs 58 of the underlay's"),
});
export const Network = documentOf("Network", NetworkSpec);
export type NetworkSpec = z.infer<typeof NetworkSpec>;
export type Network = z.infer<typeof Network>;
