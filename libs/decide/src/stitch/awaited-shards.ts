/**
 * A group that is coming up: whoever is ready first leaves the others their share for a moment, rather than taking every slot and
 * handing most of them on. Each handoff takes some rounds and every flow that began meanwhile; a share that waits takes none.
 * Reads a draft. Only slots that nobody ever had wait, and only until the first of the shards has been ready for `awaitMs`.
 */
import type { ShardPlacement } from "@weft/schemas";
import { instantMs } from "@weft/schemas";
import type { SlotsDraft } from "./slots-draft.ts";

/** Shards of one group are placed together and are ready within some tenths of a second of each other. */
export const awaitMs = 1_000;

export function awaitedShards(draft: SlotsDraft): ShardPlacement[] {
  const { now, mayWait } = draft.sight;
  if (!mayWait || !draft.isNew() || !draft.owners.includes(null)) return [];
  const first = Math.min(...draft.eligible().map(({ readySince }) => instantMs(readySince ?? "")));
  // Clocks of hosts differ: neither a past nor a future that is too far away holds anybody up. NaN: nobody knows since when.
  if (!(Math.abs(instantMs(now) - first) < awaitMs)) return [];
  return [...draft.sight.shards.values()]
    .filter(({ alive, placement }) => alive && !placement.leaving && !draft.isEligible(placement.name))
    .map(({ placement }) => placement);
}
