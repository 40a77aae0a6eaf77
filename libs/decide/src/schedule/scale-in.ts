/** Which of a group's shards leave where there are too many of them: those that cost least to drain. Pure. */
import type { ShardSight } from "./shard-sight.ts";

/**
 * Those that do not work first, since nothing is lost with them; then those that know the fewest flows, since for each of them the
 * shard would have to stay; of equal ones the highest index.
 */
export function surplusOf(shards: readonly ShardSight[], wanted: number): ShardSight[] {
  return shards
    .toSorted(
      (a, b) =>
        Number(a.ready) - Number(b.ready) || a.flowsAtLeast - b.flowsAtLeast || b.value.index - a.value.index,
    )
    .slice(0, Math.max(0, shards.length - wanted));
}
