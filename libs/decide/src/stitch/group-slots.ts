/**
 * Who shall own a group's slots: decided from who owns them and which shards are ready.
 * An owner in the record is one that the network really sends to: a slot that somebody owns changes hands by a handoff in
 * phase `switch`, and its owner is replaced when every chassis has followed (see record-slots.ts).
 */
import type { GroupPlacement, HealthRecord, ShardPlacement, SlotsRecord } from "@weft/schemas";
import { recordKey, revisionId, slotsKey } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import { assignSlots } from "../slots/assign-slots.ts";
import type { StitchSeen } from "./seen.ts";
import type { TenantWorld } from "./tenant-world.ts";

export interface GroupSlots {
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
  /** Uid of the group's intent. */
  readonly uid: string;
  readonly placement: GroupPlacement;
  /** The record that is there, if it is this group's and not that of an earlier one of its name. */
  readonly current: Found<SlotsRecord> | undefined;
  /** Who shall own each slot once every handoff is done. */
  readonly wanted: readonly (string | null)[];
  /** At least one shard is ready. */
  readonly serving: boolean;
  readonly shards: ReadonlyMap<string, ShardPlacement>;
  /** Of each shard the revision that made it ready, fail or leave. */
  readonly causes: ReadonlyMap<string, string>;
  /** Shards that are ready and stay. */
  readonly eligible: ReadonlySet<string>;
}

export function groupSlotsOf(world: TenantWorld, seen: Pick<StitchSeen, "slots" | "health">): GroupSlots[] {
  return [...world.groups].flatMap(([name, { intent }]) => {
    const placement = world.groupPlacements.get(name);
    if (placement === undefined || placement.intentUid !== intent.uid) return [];
    const key = slotsKey(world.tenant, name);
    const found = seen.slots.get(key);
    const current = found?.value.groupUid === intent.uid ? found : undefined;
    const shards = new Map(
      [...world.shards].filter(([, { group, intentUid }]) => group === name && intentUid === intent.uid),
    );
    const ready = [...shards.values()].filter((shard) => isReady(shard, seen.health));
    const eligible = ready.filter(({ leaving }) => !leaving);
    const before = current === undefined ? [] : ownersAfterHandoffs(current.value);
    const wanted =
      eligible.length > 0 ? assignSlots(before, eligible) : assignSlots(keepers(before, shards, ready), []);
    const { tenant } = world;
    const serving = ready.length > 0;
    return [
      {
        key,
        tenant,
        name,
        uid: intent.uid,
        placement,
        current,
        wanted,
        serving,
        shards,
        causes: causesOf(world, shards, seen.health),
        eligible: new Set(eligible.map((shard) => shard.name)),
      },
    ];
  });
}

export function ownersAfterHandoffs({ owners, handoffs }: SlotsRecord): (string | null)[] {
  const after = [...owners];
  for (const { to, slots } of handoffs) for (const slot of slots) after[slot] = to;
  return after;
}

/**
 * Nobody may have the slots: they stay where they are, since a shard that comes back knows its flows. One that is leaving
 * keeps them only while it is ready (its successor is not, yet): else it could never go.
 */
function keepers(
  owners: readonly (string | null)[],
  shards: ReadonlyMap<string, ShardPlacement>,
  ready: readonly ShardPlacement[],
): (string | null)[] {
  return owners.map((owner) => {
    const shard = owner === null ? undefined : shards.get(owner);
    return shard !== undefined && (!shard.leaving || ready.includes(shard)) ? owner : null;
  });
}

function causesOf(
  { instances }: TenantWorld,
  shards: ReadonlyMap<string, ShardPlacement>,
  health: ReadonlyMap<string, Found<HealthRecord>>,
): Map<string, string> {
  return new Map(
    instances.flatMap(({ value, revision }) => {
      if (value.kind !== "shard" || !shards.has(value.name)) return [];
      const key = recordKey("shard", value.tenant, value.name);
      const verdict = health.get(key);
      const cause =
        value.leaving || verdict === undefined
          ? revisionId("placements", key, revision)
          : revisionId("health", key, verdict.revision);
      return [[value.name, cause] as const];
    }),
  );
}

function isReady(
  { tenant, name, uid }: ShardPlacement,
  health: ReadonlyMap<string, Found<HealthRecord>>,
): boolean {
  const verdict = health.get(recordKey("shard", tenant, name))?.value;
  return verdict?.kind === "shard" && verdict.placementUid === uid && verdict.state === "ready";
}
