/**
 * Whose connections a shard of a group with `state: replicated` goes on with, told from the group's slots record alone: of each
 * shard that failed, those in slots that are this one's now or about to be. And its own, if it was made anew before anybody had taken
 * its slots.
 */
import { receiversOf } from "../slots/handoffs.ts";
import type { ShimSeen } from "../shim/wanted-shim.ts";

export interface Adoption {
  /** Names it for as long as the record says so. */
  readonly key: string;
  /** The shard that knew the flows: another one, or this one itself in an earlier namespace. */
  readonly of: string;
  /** Ascending. */
  readonly slots: readonly number[];
}

/** At the first look into a namespace and never again, also where it owns nothing then: what it owns later is handed to it. */
const ownKey = "own";

export function adoptionsOf({ shard, slots }: ShimSeen): Adoption[] {
  if (slots?.groupUid !== shard.intentUid) return [];
  const receivers = receiversOf(slots);
  const failed = slots.handoffs.filter(({ fromGone }) => fromGone);
  const lost = new Set(failed.flatMap((each) => (each.from === shard.name ? each.slots : [])));
  const own = slots.owners.flatMap((owner, slot) => (owner === shard.name && !lost.has(slot) ? [slot] : []));
  const others = failed.flatMap(({ id, from, slots: given }): Adoption[] => {
    const mine = given.filter((slot) => receivers[slot] === shard.name).toSorted((a, b) => a - b);
    if (from === shard.name || mine.length === 0) return [];
    return [{ key: `${id}: ${mine.join()}`, of: from, slots: mine }];
  });
  return [{ key: ownKey, of: shard.name, slots: own }, ...others];
}
