/**
 * The slots of each of a tenant's groups, as one look decides them: what the record is to say, and to whom the network is to
 * send each slot. How phases move is decided in record-slots.ts and the files that it calls.
 */
import type { FunctionGroup, GroupPlacement, ShardPlacement, SlotsRecord } from "@weft/schemas";
import { durationSeconds, slotsKey } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import { decideSlots, policyOwners, settleSlots } from "./record-slots.ts";
import type { StitchSeen } from "./seen.ts";
import { shardSigns } from "./shard-signs.ts";
import type { PutSlots } from "./step.ts";
import type { TenantWorld } from "./tenant-world.ts";

export interface GroupSlots {
  readonly key: string;
  readonly name: string;
  readonly placement: GroupPlacement;
  /** The record that is there, if it is this group's and not that of an earlier one of its name. */
  readonly current: Found<SlotsRecord> | undefined;
  /** What it is to say whatever the chassis have applied. */
  readonly decided: SlotsRecord;
  /** The same once every chassis that lives has applied what `decided` asks for. */
  readonly settled: SlotsRecord;
  /** To whom the network sends each slot. */
  readonly targets: readonly (string | null)[];
  /** At least one shard is ready. */
  readonly serving: boolean;
  readonly shards: ReadonlyMap<string, ShardPlacement>;
}

export function groupSlotsOf(
  world: TenantWorld,
  seen: Pick<StitchSeen, "slots" | "health" | "shims" | "realized" | "bindings">,
  now: string,
): GroupSlots[] {
  const { tenant } = world;
  return [...world.groups].flatMap(([name, { intent, document }]): GroupSlots[] => {
    const placement = world.groupPlacements.get(name);
    if (placement === undefined || placement.intentUid !== intent.uid) return [];
    const key = slotsKey(tenant, name);
    const found = seen.slots.get(key);
    const current = found?.value.groupUid === intent.uid ? found : undefined;
    const shards = shardSigns(world, { name, uid: intent.uid }, seen);
    const drainSeconds = drainSecondsOf(document);
    // What nobody filters passes by an open chain: there, whoever is ready first takes all.
    const mayWait = !world.chains.some(
      ({ document: { spec } }) => spec.onFailure === "open" && spec.through.includes(name),
    );
    const sight = { tenant, name, uid: intent.uid, shards, drainSeconds, mayWait, now };
    const decided = decideSlots(current?.value, sight);
    return [
      {
        key,
        name,
        placement,
        current,
        decided,
        settled: settleSlots(decided, sight),
        targets: policyOwners(decided),
        serving: [...shards.values()].some(({ ready }) => ready),
        shards: new Map([...shards].map(([shard, sign]) => [shard, sign.placement])),
      },
    ];
  });
}

export function drainSecondsOf({ spec }: FunctionGroup): number | "never" {
  const { timeout } = spec.drain;
  return timeout === "never" ? "never" : durationSeconds(timeout);
}

/** Undefined where the record says it already, or where there is nothing to say yet. */
export function putSlots({ key, current }: GroupSlots, record: SlotsRecord): PutSlots | undefined {
  if (current === undefined && record.owners.every((owner) => owner === null)) return undefined;
  if (current !== undefined && isSame(current.value, record)) return undefined;
  const ifRevision = current?.revision ?? 0;
  return { kind: "putSlots", key, record, ifRevision, why: whyOf(current?.value, record) };
}

function whyOf(before: SlotsRecord | undefined, { owners, handoffs, leaving }: SlotsRecord): string {
  const known = new Map(before?.handoffs.map((handoff) => [handoff.id, handoff]));
  const changed = handoffs.filter(({ id, phase, to }) => {
    const earlier = known.get(id);
    return earlier?.phase !== phase || earlier.to !== to;
  });
  if (changed.length > 0)
    return changed
      .map(({ slots, from, to, phase }) => `${slots.length} slots of ${from} to ${to}: ${phase}`)
      .join("; ");
  const left = new Set(handoffs.map(({ id }) => id));
  const ended = [...known.values()].filter(({ id }) => !left.has(id));
  if (ended.length > 0)
    return ended.map(({ from, to }) => `nothing of ${from} is left to wait for at ${to}`).join("; ");
  if (before !== undefined && JSON.stringify(before.leaving) !== JSON.stringify(leaving))
    return leaving.length === 0
      ? "no shard leaves"
      : `${leaving.map(({ shard }) => shard).join(", ")} may leave`;
  return owners.some((owner) => owner !== null)
    ? "slots that nobody had get an owner"
    : "no shard is left to own them";
}

function isSame(a: SlotsRecord, b: SlotsRecord): boolean {
  return (
    a.version === b.version &&
    a.nextHandoff === b.nextHandoff &&
    JSON.stringify(a.leaving) === JSON.stringify(b.leaving) &&
    a.owners.every((owner, slot) => owner === b.owners[slot]) &&
    a.handoffs.length === b.handoffs.length &&
    a.handoffs.every((handoff, index) => text(handoff) === text(b.handoffs[index] ?? {}))
  );
}

function text(handoff: object): string {
  return JSON.stringify(Object.entries(handoff).toSorted(([x], [y]) => (x < y ? -1 : 1)));
}
