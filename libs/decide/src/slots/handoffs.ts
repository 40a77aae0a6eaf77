/**
 * Words on the handoffs of a slots record that several decisions share: stitch moves their phases, shims follow them,
 * scheduler and agents ask whether a shard still stands in one.
 */
import type { SlotsRecord } from "@weft/schemas";

export type Handoff = SlotsRecord["handoffs"][number];

/** Its slots change hands right now and are not moved again before they have arrived. */
export function isInFlight({ phase }: Pick<Handoff, "phase">): boolean {
  return phase !== "drain" && phase !== "done";
}

/** The receiver has, or is to load, what makes it able to tell whose flow a frame belongs to. */
export function isArming({ phase }: Pick<Handoff, "phase">): boolean {
  return phase === "arm" || phase === "switch" || phase === "drain";
}

/** Who owns each slot, or is about to. */
export function receiversOf({ owners, handoffs }: SlotsRecord): (string | null)[] {
  const after = [...owners];
  for (const handoff of handoffs)
    if (isInFlight(handoff)) for (const slot of handoff.slots) after[slot] = handoff.to;
  return after;
}

/** Somebody may still send it a frame that nobody else can take: it must stay, and so must its addresses. */
export function isHeldBySlots(
  { owners, handoffs }: { readonly owners: SlotsRecord["owners"]; readonly handoffs: readonly Handoff[] },
  shard: string,
): boolean {
  return (
    owners.includes(shard) ||
    handoffs.some(
      (handoff) =>
        (handoff.from === shard && handoff.phase !== "done") || (handoff.to === shard && isInFlight(handoff)),
    )
  );
}
