/**
 * The slots record of a group, in two moves: what shall change hands is written down before the network is changed,
 * and the new owners stand in it once every chassis has followed. So nobody takes a shard away that traffic may still reach,
 * and a shard that is shown to own slots gets their traffic. Slots of nobody get their owner at once: there is no one to wait for.
 */
import type { SlotsRecord } from "@weft/schemas";
import type { GroupSlots } from "./group-slots.ts";
import { ownersAfterHandoffs } from "./group-slots.ts";
import type { PutSlots } from "./step.ts";

/** The first move: undefined where the record says what is wanted already, or where there is nothing to say yet. */
export function announceSlots(group: GroupSlots, now: string): PutSlots | undefined {
  const { key, current, wanted } = group;
  if (current === undefined && wanted.every((owner) => owner === null)) return undefined;
  const before = current?.value;
  if (before !== undefined && same(ownersAfterHandoffs(before), wanted)) return undefined;
  const owners = wanted.map((owner, slot) => {
    const now = before?.owners[slot] ?? null;
    return now === null || owner === null ? owner : now;
  });
  const handoffs = handoffsOf(owners, { group, before, now });
  const record: SlotsRecord = {
    tenant: group.tenant,
    group: group.name,
    groupUid: group.uid,
    version: (before?.version ?? 0) + (before !== undefined && same(before.owners, owners) ? 0 : 1),
    owners,
    nextHandoff: Math.max(before?.nextHandoff ?? 1, ...handoffs.map(({ id }) => id + 1)),
    handoffs,
  };
  return { kind: "putSlots", key, record, ifRevision: current?.revision ?? 0, why: whyOf(record) };
}

/** The second move, to be made once the policies of every handoff are in force. */
export function settleSlots({ key, current }: GroupSlots): PutSlots | undefined {
  if (current === undefined || current.value.handoffs.length === 0) return undefined;
  const before = current.value;
  const record = {
    ...before,
    version: before.version + 1,
    owners: ownersAfterHandoffs(before),
    handoffs: [],
  };
  const why = "every chassis sends the slots to their new owners";
  return { kind: "putSlots", key, record, ifRevision: current.revision, why };
}

/**
 * From everybody whom some chassis may still send a slot to: its owner, and whoever was to have it before this was decided.
 * Each pair once, however often the target changed while a chassis hung.
 */
function handoffsOf(
  owners: readonly (string | null)[],
  at: {
    readonly group: GroupSlots;
    readonly before: SlotsRecord | undefined;
    readonly now: string;
  },
): SlotsRecord["handoffs"] {
  const earlier = at.before?.handoffs ?? [];
  const handoffs = new Map<string, SlotsRecord["handoffs"][number]>();
  owners.forEach((owner, slot) => {
    const to = at.group.wanted[slot] ?? null;
    if (owner === null || to === null) return;
    const involved = earlier.filter(({ slots }) => slots.includes(slot));
    const senders = new Set([owner, ...involved.flatMap((handoff) => [handoff.from, handoff.to])]);
    senders.delete(to);
    for (const from of senders) {
      const pair = `${from} ${to}`;
      const known = earlier.find((handoff) => handoff.from === from && handoff.to === to);
      const handoff = handoffs.get(pair) ?? {
        id: known?.id ?? (at.before?.nextHandoff ?? 1) + handoffs.size,
        fromGone: false,
        from,
        to,
        slots: [] as number[],
        phase: "switch" as const,
        ...beginningOf(earlier, { from, to, group: at.group, now: at.now }),
      };
      handoff.slots.push(slot);
      handoffs.set(pair, handoff);
    }
  });
  return [...handoffs.values()];
}

/** One that goes on keeps when and why it began: a shard that leaves or failed is behind it, else the one that became ready. */
function beginningOf(
  earlier: SlotsRecord["handoffs"],
  { from, to, group, now }: { from: string; to: string; group: GroupSlots; now: string },
): Pick<SlotsRecord["handoffs"][number], "startedAt" | "cause"> {
  const known = earlier.find((handoff) => handoff.from === from && handoff.to === to);
  const cause = known?.cause ?? group.causes.get(group.eligible.has(from) ? to : from);
  return { startedAt: known?.startedAt ?? now, ...(cause === undefined ? {} : { cause }) };
}

function whyOf({ owners, handoffs }: SlotsRecord): string {
  const moving = handoffs.reduce((sum, { slots }) => sum + slots.length, 0);
  if (moving > 0) {
    const receivers = [...new Set(handoffs.map(({ to }) => to))].join(", ");
    return `${moving} slots go to ${receivers}`;
  }
  return owners.some((owner) => owner !== null)
    ? "slots that nobody had get an owner"
    : "no shard is left to own them";
}

function same(a: readonly (string | null)[], b: readonly (string | null)[]): boolean {
  return a.length === b.length && a.every((owner, slot) => owner === b[slot]);
}
