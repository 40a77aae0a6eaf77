/**
 * What a status is told from: the records of nine buckets as they are now, and two indexes over them.
 * Built anew for each look; what is dear to compute is computed once, and only when somebody asks.
 */
import type {
  AccessRecord,
  HealthRecord,
  IntentRecord,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  ShardPlacement,
  ShimRecord,
  SlotsRecord,
  StitchedRecord,
} from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import type { Unplaced } from "../schedule/index.ts";
import { unplacedOf } from "../schedule/index.ts";

/** A record with its revision and the time when it was put, RFC 3339. */
export interface StatusEntry<T> {
  readonly value: T;
  readonly revision: number;
  readonly at: string;
}
export type StatusBucket<T> = ReadonlyMap<string, StatusEntry<T>>;

export interface StatusRecords {
  readonly intents: StatusBucket<IntentRecord>;
  readonly placements: StatusBucket<PlacementRecord>;
  readonly realized: StatusBucket<RealizedRecord>;
  readonly nodes: StatusBucket<NodeRecord>;
  readonly slots: StatusBucket<SlotsRecord>;
  readonly stitched: StatusBucket<StitchedRecord>;
  readonly health: StatusBucket<HealthRecord>;
  readonly access: StatusBucket<AccessRecord>;
  readonly shims: StatusBucket<ShimRecord>;
}

export interface StatusWorld extends StatusRecords {
  /** The group's shards by index, also those that are leaving. */
  shardsOf(tenant: string, group: string): readonly StatusEntry<ShardPlacement>[];
  unplaced(kind: Unplaced["kind"], tenant: string, name: string): Unplaced | undefined;
}

export function statusWorld(records: StatusRecords): StatusWorld {
  let byGroup: ReadonlyMap<string, readonly StatusEntry<ShardPlacement>[]> | undefined;
  let unplaced: ReadonlyMap<string, Unplaced> | undefined;
  return {
    ...records,
    shardsOf(tenant, group) {
      byGroup ??= shardsByGroup(records.placements);
      return byGroup.get(`${tenant}.${group}`) ?? [];
    },
    unplaced(kind, tenant, name) {
      unplaced ??= new Map(unplacedOf(records).map((each) => [unplacedKey(each), each]));
      return unplaced.get(unplacedKey({ kind, tenant, name }));
    },
  };
}

export function nodeIsLost(world: StatusRecords, node: string): StatusEntry<HealthRecord> | undefined {
  const entry = world.health.get(nodeHealthKey(node));
  return entry?.value.kind === "node" && entry.value.state === "lost" ? entry : undefined;
}

function shardsByGroup(
  placements: StatusRecords["placements"],
): Map<string, readonly StatusEntry<ShardPlacement>[]> {
  const groups = new Map<string, StatusEntry<ShardPlacement>[]>();
  for (const { value, revision, at } of placements.values()) {
    if (value.kind !== "shard") continue;
    const key = `${value.tenant}.${value.group}`;
    groups.set(key, [...(groups.get(key) ?? []), { value, revision, at }]);
  }
  for (const shards of groups.values()) shards.sort((a, b) => a.value.index - b.value.index);
  return groups;
}

function unplacedKey({ kind, tenant, name }: Pick<Unplaced, "kind" | "tenant" | "name">): string {
  return `${kind}/${tenant}/${name}`;
}
