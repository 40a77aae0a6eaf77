/**
 * Shards that failed in the middle of handoffs, as giver or as receiver: nobody waits for them, nothing is sent to them,
 * and they get no slot again before they have forgotten what they knew, since others own it by then.
 * Changes a draft; what a failed shard owns beside is given on in move-slots.ts.
 */
import { isInFlight } from "../slots/handoffs.ts";
import type { DraftHandoff, SlotsDraft } from "./slots-draft.ts";

export function dropFailedGivers(draft: SlotsDraft): void {
  for (const handoff of draft.handoffs) {
    if (draft.isAlive(handoff.from) || handoff.fromGone || handoff.phase === "done") continue;
    handoff.fromGone = true;
    handoff.flowsCut = draft.giverSays(handoff)?.flows ?? 0;
    handoff.phase = isInFlight(handoff) ? pressing(handoff, draft) : "done";
  }
}

export function replaceFailedReceivers(draft: SlotsDraft): void {
  const failed = draft.handoffs.filter((handoff) => isInFlight(handoff) && !draft.isAlive(handoff.to));
  const lost = new Map<string, number[]>();
  for (const handoff of failed) {
    const { to } = handoff;
    const successor = successorOf(handoff, draft);
    if (successor === undefined) {
      if (!keepsItsSlots(handoff, draft)) continue;
      draft.handoffs = draft.handoffs.filter((each) => each !== handoff);
    } else {
      handoff.to = successor;
      if (handoff.fromGone) handoff.phase = pressing(handoff, draft);
      // The giver knows its flows and the new receiver does not yet: the policies go back until it does.
      else if (handoff.phase === "switch") handoff.phase = "arm";
    }
    lost.set(to, [...(lost.get(to) ?? []), ...handoff.slots]);
  }
  for (const [shard, slots] of lost) draft.mustForget(shard, slots);
}

/**
 * Whether the receiver must know first who owns which flow. Else the slots go to it at once, since nobody alive has flows there.
 * A third shard that drains them has: an unarmed receiver would take its datagrams for new flows.
 */
export function armsFirst({ slots, to }: Pick<DraftHandoff, "slots" | "to">, draft: SlotsDraft): boolean {
  const asked = new Set(slots);
  return draft.handoffs.some(
    (other) =>
      other.phase === "drain" &&
      !other.fromGone &&
      other.from !== to &&
      draft.isAlive(other.from) &&
      other.slots.some((slot) => asked.has(slot)),
  );
}

/** The phase of slots whose owner failed. */
export function pressing(handoff: DraftHandoff, draft: SlotsDraft): "arm" | "switch" {
  const armed = draft.receiverSays(handoff)?.reached === "armed";
  return armed || !armsFirst(handoff, draft) ? "switch" : "arm";
}

/** The one with the fewest slots: the next round evens out what is uneven. */
function successorOf({ from, to }: DraftHandoff, draft: SlotsDraft): string | undefined {
  const receivers = [...draft.owners];
  for (const [slot, handoff] of draft.inFlight()) receivers[slot] = handoff.to;
  const held = (name: string) => receivers.filter((owner) => owner === name).length;
  const able = draft.eligible().filter(({ placement: { name } }) => name !== from && name !== to);
  const staying = able.filter(({ placement }) => draft.isStaying(placement.name));
  const [best] = (staying.length > 0 ? staying : able).toSorted(
    (a, b) => held(a.placement.name) - held(b.placement.name) || a.placement.index - b.placement.index,
  );
  return best?.placement.name;
}

function hasFailed({ fromGone, phase }: DraftHandoff): boolean {
  return phase === "done" || (phase === "drain" && fromGone);
}

/** Nobody else can have the slots: a giver that lives keeps them, or has them again if it was only thought to have failed. */
function keepsItsSlots({ from }: DraftHandoff, draft: SlotsDraft): boolean {
  const hasToForget = draft.handoffs.some((other) => other.from === from && hasFailed(other));
  return draft.isAlive(from) && !hasToForget;
}
