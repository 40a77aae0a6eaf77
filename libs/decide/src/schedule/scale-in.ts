/** Which of a group's shards leave where there are too many of them. */
import type { ShardSight } from "./shard-sight.ts";

/** Those that do not work first, since nothing is lost with them; then the highest index. */
export function surplusOf(shards: readonly ShardSight[], wanted: number): ShardSight[] {
  return shards
    .toReversed()
    .toSorted((a, b) => Number(a.ready) - Number(b.ready))
    .slice(0, Math.max(0, shards.length - wanted));
}
