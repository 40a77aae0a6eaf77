/**
 * Which shards are known to leave. Scheduler, agent and stitcher see each other's records at different times: an agent takes a shard
 * away only once it is written down here that it gets no slot any more, and one that is to stay after all is given slots
 * only once its agent has seen that. Found by simulation: else slots went to a shard just as its agent removed it.
 */
import type { SlotsDraft } from "./slots-draft.ts";

export function noteLeaving(draft: SlotsDraft): void {
  const before = new Map(draft.leaving.map((noted) => [noted.shard, noted]));
  draft.leaving = [...draft.sight.shards].toSorted(byName).flatMap(([shard, sign]) => {
    const { placement, revision, agentRevision } = sign;
    const found = before.get(shard);
    const noted = found?.placementUid === placement.uid ? found : undefined;
    if (placement.leaving) {
      const at = Math.max(revision, noted?.revision ?? 0);
      return [{ shard, placementUid: placement.uid, revision: at }];
    }
    if (noted === undefined) return [];
    return revision > noted.revision && agentRevision >= revision ? [] : [noted];
  });
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
