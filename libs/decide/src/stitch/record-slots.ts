/**
 * One look at a group's slots: what its record is to say, from what it says and what is known of its shards.
 * The phases are those of docs/decisions/0010-handoff-records.md. An owner in the record is one that the network really
 * sends to: it is replaced in `settleSlots`, once every chassis has followed.
 */
import type { SlotsRecord } from "@weft/schemas";
import { isInFlight } from "../slots/handoffs.ts";
import { advanceHandoffs, endHandoffs } from "./advance-handoffs.ts";
import { dropFailedGivers, replaceFailedReceivers } from "./failed-shards.ts";
import { moveSlots } from "./move-slots.ts";
import { noteLeaving } from "./note-leaving.ts";
import type { SlotsSight } from "./slots-draft.ts";
import { SlotsDraft } from "./slots-draft.ts";

/** What the record is to say whatever the chassis have applied. */
export function decideSlots(before: SlotsRecord | undefined, sight: SlotsSight): SlotsRecord {
  const draft = new SlotsDraft(before, sight);
  adopt(draft);
  noteLeaving(draft);
  dropFailedGivers(draft);
  replaceFailedReceivers(draft);
  advanceHandoffs(draft);
  endHandoffs(draft);
  moveSlots(draft);
  return draft.record();
}

/** To be called once the policies that `before` asks for are in force on every chassis that lives. */
export function settleSlots(before: SlotsRecord, sight: SlotsSight): SlotsRecord {
  const draft = new SlotsDraft(before, sight);
  for (const handoff of draft.handoffs) {
    if (handoff.phase === "drain" && handoff.fromGone) handoff.phase = "done";
    if (handoff.phase !== "switch") continue;
    for (const slot of handoff.slots) draft.owners[slot] = handoff.to;
    handoff.phase = handoff.fromGone ? "done" : "drain";
    const back = new Set(handoff.slots);
    // Whoever has a slot back has its flows at home again: nothing of it is to drain.
    for (const earlier of draft.handoffs)
      if (earlier.from === handoff.to && earlier.phase === "drain")
        earlier.slots = earlier.slots.filter((slot) => !back.has(slot));
  }
  return draft.record();
}

/** To whom the network is to send each slot. */
export function policyOwners({ owners, handoffs }: SlotsRecord): (string | null)[] {
  const targets = [...owners];
  for (const { phase, slots, to } of handoffs)
    if (phase === "switch") for (const slot of slots) targets[slot] = to;
  return targets;
}

/** Records of 0.1.0 have handoffs without an id, and of one slot several: the one from its owner goes on. */
function adopt(draft: SlotsDraft): void {
  const taken = new Map<number, boolean>();
  const fromOwner = (slot: number, from: string) => draft.owners[slot] === from;
  for (const { from, slots } of draft.handoffs.filter(isInFlight))
    for (const slot of slots) if (fromOwner(slot, from)) taken.set(slot, true);
  for (const handoff of draft.handoffs) {
    if (handoff.id > 0) continue;
    handoff.id = draft.newId();
    handoff.slots = handoff.slots.filter((slot) => {
      if (fromOwner(slot, handoff.from)) return true;
      const first = !taken.has(slot);
      taken.set(slot, true);
      return first;
    });
  }
}
