/**
 * What a shard's connection tracking knows, as its agent tells those of its peers: no record, for it changes with every connection.
 * Subject `weft.tracked.<tenant>.<group>.<shard>`.
 */
import { z } from "zod";
import { Label } from "../names.ts";
import { Flow } from "./shim.ts";

/** TCP's as the kernel calls them, from the moment that both ends have spoken until both have closed; a datagram was replied to. */
export const TrackedState = z.enum([
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "REPLIED",
]);
export type TrackedState = z.infer<typeof TrackedState>;

/** Client first, whichever end opened it. */
export const TrackedFlow = z.strictObject({
  flow: Flow,
  openedBy: z.enum(["client", "server"]),
  state: TrackedState,
});
export type TrackedFlow = z.infer<typeof TrackedFlow>;

export const TrackedTold = z.strictObject({
  shard: Label,
  life: z.string().describe("of the namespace that tracks them: in another one nothing of this is left"),
  run: z.string().describe("of whoever tells: another one begins with the whole"),
  number: z.number().int().min(1).describe("counts up in a run, so that who missed one knows"),
  whole: z.boolean().describe("what was told before holds no more: this and what follows is all"),
  follow: z.number().int().min(0).describe("how many more messages the whole has"),
  come: z.array(TrackedFlow).describe("new, or in another state"),
  gone: z.array(Flow),
});
export type TrackedTold = z.infer<typeof TrackedTold>;
