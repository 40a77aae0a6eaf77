/** Chain: which traffic between two networks passes which function groups, in order; the way back in reverse. */
import { z } from "zod";
import { Label } from "../names.ts";
import { documentOf } from "./metadata.ts";

export const ChainProtocol = z.enum(["tcp", "udp", "icmp", "sctp"]);
export type ChainProtocol = z.infer<typeof ChainProtocol>;

export const ChainSpec = z
  .strictObject({
    from: Label.describe("the network of the clients, whichever end opens a connection"),
    to: Label,
    match: z
      .array(z.strictObject({ protocol: ChainProtocol }))
      .min(1, "leave it out to match all traffic")
      .optional(),
    through: z.array(Label).min(1, "needs at least one function group").max(8),
    onFailure: z.enum(["closed", "open"]).default("closed"),
  })
  .superRefine((spec, context) => {
    if (spec.from === spec.to)
      context.addIssue({ code: "custom", path: ["to"], message: "must differ from `from`" });
    spec.through.forEach((group, index) => {
      if (spec.through.indexOf(group) < index)
        context.addIssue({ code: "custom", path: ["through", index], message: "is passed already" });
    });
  });
export const Chain = documentOf("Chain", ChainSpec);
export type ChainSpec = z.infer<typeof ChainSpec>;
export type Chain = z.infer<typeof Chain>;
