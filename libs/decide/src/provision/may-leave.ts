/**
 * When may a shard that must go be taken away? Only once no slot is its own and it stands in no handoff: so nobody sends
 * traffic to it, and no flow that it knows is waited for.
 */
import { slotsKey } from "@weft/schemas";
import type { InstancePlacement, SlotsRecord } from "@weft/schemas";
import { isHeldBySlots } from "../slots/handoffs.ts";

export function mayLeave(placement: InstancePlacement, slots: ReadonlyMap<string, SlotsRecord>): boolean {
  if (!placement.leaving) return false;
  if (placement.kind === "workload") return true;
  const record = slots.get(slotsKey(placement.tenant, placement.group));
  // Without a record the group's slots are gone: nothing is sent to any of its shards.
  return record === undefined || !isHeldBySlots(record, placement.name);
}
