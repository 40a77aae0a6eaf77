/** What an agent says of the connections that a shard tracks, for tests that say only what they are about. */
import type { TrackedTold } from "@weft/schemas";

export function trackedTold(part: Partial<TrackedTold> & Pick<TrackedTold, "shard" | "number">): TrackedTold {
  return { life: "a", run: "r", whole: false, follow: 0, come: [], gone: [], ...part };
}
