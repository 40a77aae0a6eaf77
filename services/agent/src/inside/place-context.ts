/** Where a placement's namespace is and what is set in it, for its wiring, for looking at it and for mending it. */
import type { Holder } from "@weft/drivers";
import { functionOf } from "@weft/functions";
import type { InstancePlacement } from "@weft/schemas";
import type { PlaceContext } from "../wiring/plan.ts";

/** undefined while its namespace is not there. */
export function placeContext(
  placement: InstancePlacement,
  holder: Holder | undefined,
  o: {
    /** A configuration is live in it. */
    readonly opened: boolean;
    /** What is set after the first configuration counts too, where one is live. */
    readonly live: boolean;
    readonly checksumOffload: boolean;
  },
): PlaceContext | undefined {
  if (holder?.namespacePath === undefined || holder.namespaceRef === undefined) return undefined;
  const { before = {}, live = {} } = placement.kind === "shard" ? functionOf(placement).sysctls : {};
  return {
    namespacePath: holder.namespacePath,
    namespaceRef: holder.namespaceRef,
    sysctls: { ...before, ...(o.opened && o.live ? live : {}) },
    checksumOffload: o.checksumOffload,
    opened: o.opened,
  };
}
