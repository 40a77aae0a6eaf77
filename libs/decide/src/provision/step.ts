/**
 * Steps of an agent, each with its reason. Executors run them kind by kind, in the order of `provisionOrder`, so that
 * what can be done for many placements at once is; a placement whose step fails is left alone for the rest of the round.
 */
import type { RealizedRecord } from "@weft/schemas";
import type { SeenPlacement } from "./seen.ts";

interface Base<Kind extends string> {
  readonly kind: Kind;
  readonly uid: string;
  readonly why: string;
}
interface OfPlacement<Kind extends string> extends Base<Kind> {
  readonly target: SeenPlacement;
}

/** Everything of it: probe, ports, links, instance, holder. */
export type Remove = Base<"remove">;
export type StopProbe = Base<"stopProbe">;
/** The instance alone; its namespace, addresses and rules stay. */
export type StopInstance = Base<"stopInstance">;
export type Unwire = Base<"unwire">;
export type CreateHolder = OfPlacement<"createHolder">;
export type Wire = OfPlacement<"wire">;
/** What is there stays as it is; what is missing of it comes back. */
export type MendWiring = OfPlacement<"mendWiring">;
export type StartInstance = OfPlacement<"startInstance">;
export type LoadConfig = OfPlacement<"loadConfig">;
export type StartProbe = OfPlacement<"startProbe">;
export interface PutRealized extends Base<"putRealized"> {
  readonly key: string;
  readonly record: RealizedRecord;
}
export interface DeleteRealized extends Base<"deleteRealized"> {
  readonly key: string;
}

export type ProvisionStep =
  | Remove
  | StopProbe
  | StopInstance
  | Unwire
  | CreateHolder
  | Wire
  | MendWiring
  | StartInstance
  | LoadConfig
  | StartProbe
  | PutRealized
  | DeleteRealized;

/** Reports come first, since they tell what was seen before this round; what goes makes room for what comes. */
export const provisionOrder = [
  "putRealized",
  "deleteRealized",
  "stopProbe",
  "remove",
  "stopInstance",
  "unwire",
  "createHolder",
  "wire",
  "mendWiring",
  "startInstance",
  "loadConfig",
  "startProbe",
] as const satisfies readonly ProvisionStep["kind"][];
