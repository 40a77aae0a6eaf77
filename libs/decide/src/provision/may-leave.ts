/**
 * When may a shard that must go be taken away? Only once the slots record says that it is known to leave, no slot is its own and
 * it stands in no handoff: so nobody will give it a slot meanwhile, nobody sends traffic to it, and no flow that it knows is waited for.
 */
import { slotsKey } from "@weft/schemas";
import type { InstancePlacement, SlotsRecord } from "@weft/schemas";
import { isHeldBySlots } from "../slots/handoffs.ts";

export function mayLeave(
  { placement, revision }: { readonly placement: InstancePlacement; readonly revision: number },
  slots: Pick<ReadonlyMap<string, SlotsRecord>, "get">,
): boolean {
  if (!placement.leaving) return false;
  if (placement.kind === "workload") return true;
  const record = slots.get(slotsKey(placement.tenant, placement.group));
  // Without a record the group's slots are gone: nothing is sent to any of its shards.
  if (record === undefined || record.groupUid !== placement.intentUid) return true;
  const noted = record.leaving.some(
    ({ placementUid, revision: at }) => placementUid === placement.uid && at >= revision,
  );
  return noted && !isHeldBySlots(record, placement.name);
}
