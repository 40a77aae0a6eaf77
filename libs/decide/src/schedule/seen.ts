/**
 * What the scheduler looks at: the records of eight buckets as they are now, by key.
 * A record comes with its revision, so that a step can say what it was decided from.
 */
import type {
  AccessRecord,
  HealthRecord,
  IntentRecord,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  ShimRecord,
  SlotsRecord,
} from "@weft/schemas";

export interface Found<T> {
  readonly value: T;
  readonly revision: number;
}
export type Records<T> = ReadonlyMap<string, Found<T>>;

export interface ScheduleSeen {
  readonly intents: Records<IntentRecord>;
  readonly placements: Records<PlacementRecord>;
  readonly realized: Records<RealizedRecord>;
  readonly nodes: Records<NodeRecord>;
  readonly health: Records<HealthRecord>;
  readonly slots: Records<SlotsRecord>;
  readonly access: Records<AccessRecord>;
  /** What a shard's leaving would cost; nothing else is decided from them. */
  readonly shims: Records<ShimRecord>;
}

/** In the order of their keys, so that the order in which records came makes no difference. */
export function sortedByKey<T>(records: ReadonlyMap<string, T>): [string, T][] {
  return [...records].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
