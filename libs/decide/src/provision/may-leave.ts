/** When may a shard that must go be taken away? Only once no slot is its own, so that nobody sends traffic to it. */
import { slotsKey } from "@weft/schemas";
import type { InstancePlacement, SlotsRecord } from "@weft/schemas";

export function mayLeave(placement: InstancePlacement, slots: ReadonlyMap<string, SlotsRecord>): boolean {
  if (!placement.leaving) return false;
  if (placement.kind === "workload") return true;
  const record = slots.get(slotsKey(placement.tenant, placement.group));
  if (record === undefined) return true; // the group's slots are gone: nothing is sent to any of its shards
  const inHandoff = record.handoffs.some(
    ({ from, to, phase }) => phase !== "done" && (from === placement.name || to === placement.name),
  );
  return !record.owners.includes(placement.name) && !inHandoff;
}
