/**
 * Shards that are leaving and stay after all, because the group is to grow before they have gone: their flows stay where they are and
 * their slots come back, where a new shard would have to start first. Pure; how many are wanted is the caller's.
 */
import type { FunctionGroup, ShardPlacement } from "@weft/schemas";
import { canonicalText } from "../admit/canonical.ts";
import type { ShardOrder } from "./shard-placement.ts";
import type { ShardSight } from "./shard-sight.ts";
import type { TakeBack } from "./step.ts";

interface Wanted {
  readonly config: FunctionGroup["spec"]["config"];
  /** Whether it is made of something else than what is wanted. */
  readonly isOutdated: (shard: ShardSight) => boolean;
  /** Whether nothing is to be placed on the node, or nothing is heard of it. */
  readonly isClosed: (node: string) => boolean;
}

/**
 * At most `count`: those that know the most flows, since these would be waited for the longest; of equal ones the lowest index.
 * One that stands in no handoff any more is being removed by its agent: it is let go.
 */
export function returning(shards: readonly ShardSight[], count: number, wanted: Wanted): ShardSight[] {
  return shards
    .filter((shard) => shard.value.leaving && mayReturn(shard, wanted))
    .toSorted((a, b) => b.flowsAtLeast - a.flowsAtLeast || a.value.index - b.value.index)
    .slice(0, count);
}

function mayReturn(shard: ShardSight, { config, isOutdated, isClosed }: Wanted): boolean {
  const { value, ready, held } = shard;
  return (
    ready &&
    held &&
    !isClosed(value.node) &&
    canonicalText(value.config) === canonicalText(config) &&
    !isOutdated(shard)
  );
}

/** The same shard, told what is wanted now; its drain's time runs no more. */
export function takeBack(
  { key, value, revision }: ShardSight,
  target: Omit<ShardOrder, "group">,
  now: string,
): TakeBack {
  const { leavingSince: _, ...kept } = value;
  const record: ShardPlacement = {
    ...kept,
    leaving: false,
    generation: target.intent.generation,
    intentRevision: target.revision,
    networks: target.networks,
    askedAt: now,
  };
  return {
    kind: "takeBack",
    key,
    record,
    ifRevision: revision,
    why: "it has not left yet, and one is missing",
  };
}
