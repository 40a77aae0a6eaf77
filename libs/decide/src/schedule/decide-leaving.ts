/**
 * Placements that are leaving: forgotten once nothing of them runs and nobody sends traffic to them.
 * Until then their names and addresses stay taken. Of a node that was removed and is silent nobody will ever tell:
 * there the slots alone count.
 */
import { isInstance, slotsKey } from "@weft/schemas";
import type { ShardPlacement } from "@weft/schemas";
import { isNodeRemoved, isSilent } from "../access/removed-nodes.ts";
import { isHeldBySlots } from "../slots/handoffs.ts";
import type { ScheduleSeen } from "./seen.ts";
import { sortedByKey } from "./seen.ts";
import type { ScheduleStep } from "./step.ts";

export function decideLeaving(seen: ScheduleSeen): ScheduleStep[] {
  return sortedByKey(seen.placements).flatMap(([key, { value, revision }]): ScheduleStep[] => {
    if (!isInstance(value) || !value.leaving) return [];
    const abandoned = isNodeRemoved(value.node, seen.access) && isSilent(value.node, seen);
    if (seen.realized.has(key) && !abandoned) return [];
    if (value.kind === "shard" && ownsSlots(seen, value)) return [];
    return [
      {
        kind: "forget",
        key,
        ifRevision: revision,
        why: abandoned ? "its node was removed and is lost" : "nothing of it is left",
      },
    ];
  });
}

/** Also while a handoff from or to it is on: its peers still know its address. */
function ownsSlots(seen: ScheduleSeen, { tenant, group, name }: ShardPlacement): boolean {
  const slots = seen.slots.get(slotsKey(tenant, group))?.value;
  return slots !== undefined && isHeldBySlots(slots, name);
}
