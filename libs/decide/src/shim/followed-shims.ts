/**
 * Shims that have followed the slots records at once and know no flow: what a plan assumes of the nodes, since it says what
 * happens when all goes well. Reads placements and slots; returns the records that their agents would write.
 */
import type { GroupPlacement, PlacementRecord, ShardPlacement, ShimRecord, SlotsRecord } from "@weft/schemas";
import { recordKey, slotsKey } from "@weft/schemas";
import type { Found, Records } from "../schedule/seen.ts";
import { shimProgress } from "./shim-progress.ts";
import type { WantedShim } from "./wanted-shim.ts";
import { shimOf } from "./wanted-shim.ts";

/** By key, for each shard that `runs`. Revisions are those of the placements. */
export function followedShims(
  seen: { readonly placements: Records<PlacementRecord>; readonly slots: Records<SlotsRecord> },
  runs: (shard: ShardPlacement) => boolean,
): Map<string, Found<ShimRecord>> {
  const groups = new Map<string, GroupPlacement>();
  const shards = new Map<string, Map<string, ShardPlacement>>();
  for (const { value } of seen.placements.values()) {
    if (value.kind === "group") groups.set(slotsKey(value.tenant, value.name), value);
    if (value.kind !== "shard") continue;
    const key = slotsKey(value.tenant, value.group);
    shards.set(key, (shards.get(key) ?? new Map<string, ShardPlacement>()).set(value.name, value));
  }
  const found = new Map<string, Found<ShimRecord>>();
  for (const [, { value: shard, revision }] of seen.placements) {
    if (shard.kind !== "shard" || !runs(shard)) continue;
    const key = slotsKey(shard.tenant, shard.group);
    const group = groups.get(key);
    const kin = shards.get(key);
    if (group === undefined || kin === undefined) continue;
    const wanted = shimOf({ shard, group, shards: kin, slots: seen.slots.get(key)?.value });
    const handoffs = shimProgress(wanted, followed(wanted));
    const { tenant, name, node, uid: placementUid } = shard;
    const of = { tenant, group: shard.group, shard: name, node, placementUid, namespaceInode: 1 };
    found.set(recordKey("shard", tenant, name), { value: { ...of, flowsAtLeast: 0, handoffs }, revision });
  }
  return found;
}

function followed(wanted: WantedShim) {
  const nothing = (duties: WantedShim["publish"]) => new Map(duties.map(({ handoff }) => [handoff, 0]));
  return {
    next: wanted.next,
    prev: wanted.prev,
    lists: new Map(wanted.lists.map((list) => [list.handoff, list])),
    leftOver: false,
    waiting: false,
    published: nothing(wanted.publish),
    counts: nothing(wanted.count),
    forgotten: new Set(wanted.forget.map(({ handoff }) => handoff)),
  };
}
