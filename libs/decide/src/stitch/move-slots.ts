/**
 * Which slots begin to change hands: those of nobody and of shards that failed at once, those of shards that leave or have
 * too many by a handoff. Reads and changes a draft; slots in flight count as their receiver's and stay as they are.
 */
import { assignSlots } from "../slots/assign-slots.ts";
import { isInFlight } from "../slots/handoffs.ts";
import { awaitedShards } from "./awaited-shards.ts";
import { armsFirst, pressing } from "./failed-shards.ts";
import type { SlotsDraft } from "./slots-draft.ts";

export function moveSlots(draft: SlotsDraft): void {
  const wanted = wantedOwners(draft);
  const inFlight = draft.inFlight();
  const moves = new Map<string, { from: string; to: string; slots: number[] }>();
  const lost = new Map<string, number[]>();
  draft.owners.forEach((owner, slot) => {
    const to = wanted[slot] ?? null;
    if (owner === to) return;
    if (to === null) {
      for (const loser of losersOf(slot, draft)) lost.set(loser, [...(lost.get(loser) ?? []), slot]);
      return;
    }
    if (inFlight.has(slot)) return;
    if (owner === null) {
      draft.owners[slot] = to;
      return;
    }
    const move = moves.get(`${owner} ${to}`) ?? { from: owner, to, slots: [] };
    move.slots.push(slot);
    moves.set(`${owner} ${to}`, move);
  });
  for (const [shard, slots] of lost) draft.mustForget(shard, slots);
  for (const move of moves.values()) {
    const fromGone = !draft.isAlive(move.from) || draft.keepsNothing();
    const begun = draft.begin({ ...move, fromGone, phase: "freeze" });
    if (fromGone) begun.phase = pressing(begun, draft);
  }
}

/**
 * Who shall own each slot. Shards that stay and may have more share them; while there are none, those that leave take what
 * nobody has, for they still work; while there are none of those either, everything stays where somebody may come back to it.
 */
function wantedOwners(draft: SlotsDraft): (string | null)[] {
  const inFlight = draft.inFlight();
  const receivers = draft.owners.map((owner, slot) => inFlight.get(slot)?.to ?? owner);
  const held = receivers.map((owner, slot) => {
    const lost = owner !== null && !inFlight.has(slot) && !draft.isAlive(owner);
    return lost ? null : owner;
  });
  const able = draft.eligible().map(({ placement }) => placement);
  const staying = able.filter(({ name }) => draft.isStaying(name));
  if (staying.length > 0) {
    const awaited = awaitedShards(draft);
    const shared = assignSlots(
      held,
      [...staying, ...awaited],
      (slot) => inFlight.has(slot) || isWaitedFor(held[slot], draft),
    );
    const isAwaited = new Set<string | null>(awaited.map(({ name }) => name));
    return shared.map((owner, slot) => (isAwaited.has(owner) ? (held[slot] ?? null) : owner));
  }
  if (able.length > 0) return assignSlots(held, able, (slot) => (held[slot] ?? null) !== null);
  return receivers.map((owner) => (owner !== null && mayComeBack(owner, draft) ? owner : null));
}

/** It lives and stays, but nothing is known of it or its shim yet: what it has is left alone. */
function isWaitedFor(owner: string | null | undefined, draft: SlotsDraft): boolean {
  if (owner === null || owner === undefined || draft.isEligible(owner)) return false;
  return draft.isAlive(owner) && draft.isStaying(owner);
}

/** A shard that comes back knows its flows. One that is leaving and failed never does. */
function mayComeBack(owner: string, draft: SlotsDraft): boolean {
  const sign = draft.sign(owner);
  return sign !== undefined && (sign.alive || !sign.placement.leaving);
}

/**
 * Neither can whoever was to have it: the slot stays with an owner that may come back, else with nobody. Returns who lost it. A receiver
 * is among them: the network may have turned to it, and it must not be taken away before every chassis has turned back.
 * Where another shard drains the slot it keeps its owner in any case: from nobody it would go to the next one at once, unarmed.
 */
function losersOf(slot: number, draft: SlotsDraft): string[] {
  const losers: string[] = [];
  for (const handoff of draft.handoffs) {
    if (!isInFlight(handoff) || !handoff.slots.includes(slot)) continue;
    handoff.slots = handoff.slots.filter((each) => each !== slot);
    losers.push(handoff.to);
  }
  const owner = draft.owners[slot] ?? null;
  if (owner === null || mayComeBack(owner, draft)) return losers;
  if (armsFirst({ slots: [slot], to: owner }, draft)) return losers;
  draft.owners[slot] = null;
  return [...losers, owner];
}
