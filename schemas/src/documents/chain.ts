/** Chain: which traffic between two networks passes which function groups, in order; the way back in reverse. */
import { z } from "zod";
import { Label } from "../names.ts";
import { atMost, besideFaults, isObject, sound, soundList } from "./beside-faults.ts";
import { documentOf } from "./metadata.ts";

export const ChainProtocol = z.enum(["tcp", "udp", "icmp", "sctp"]);
export type ChainProtocol = z.infer<typeof ChainProtocol>;

const Match = z.strictObject({ protocol: ChainProtocol });

/** What can be read of a spec with faults; a match of which nothing can be read is an empty one. */
export const SoundChainSpec = z
  .object({
    from: sound(Label),
    to: sound(Label),
    match: z.array(sound(Match)).optional().catch([]),
    through: soundList(Label),
  })
  .catch({});

export const ChainSpec = z
  .strictObject({
    from: Label.describe("the network of the clients, whichever end opens a connection"),
    to: Label,
    match: z.array(Match).min(1, "leave it out to match all traffic").optional(),
    through: atMost(Label, 8, "takes at most 8 function groups").min(1, "needs at least one function group"),
    onFailure: z.enum(["closed", "open"]).default("closed"),
  })
  .superRefine((spec, context) => {
    const { from, to, through = [] } = SoundChainSpec.parse(spec);
    if (from !== undefined && from === to)
      context.addIssue({ code: "custom", path: ["to"], message: "must differ from `from`" });
    through.forEach((group, index) => {
      if (group !== undefined && through.indexOf(group) < index)
        context.addIssue({ code: "custom", path: ["through", index], message: "is passed already" });
    });
  }, besideFaults(isObject));
export const Chain = documentOf("Chain", ChainSpec);
export type ChainSpec = z.infer<typeof ChainSpec>;
export type Chain = z.infer<typeof Chain>;
