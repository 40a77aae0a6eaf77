/**
 * Handoffs that go on because a shim has said something, or end because nothing is left to wait for.
 * Changes phases of a draft; that the chassis have followed is told to record-slots.ts.
 */
import { instantMs } from "@weft/schemas";
import type { ShardSign } from "./shard-signs.ts";
import { armsFirst } from "./failed-shards.ts";
import type { DraftHandoff, SlotsDraft } from "./slots-draft.ts";

export function advanceHandoffs(draft: SlotsDraft): void {
  for (const handoff of draft.handoffs) handoff.phase = nextPhase(handoff, draft);
}

function nextPhase(handoff: DraftHandoff, draft: SlotsDraft): DraftHandoff["phase"] {
  const { phase, fromGone } = handoff;
  const given = draft.giverSays(handoff)?.reached;
  const armed = draft.receiverSays(handoff)?.reached === "armed";
  switch (phase) {
    case "freeze":
    case "copy":
      if (armed) return "switch";
      if (given === "copied") return "arm";
      return given === "frozen" ? "copy" : phase;
    case "arm":
      return armed || (fromGone && !armsFirst(handoff, draft)) ? "switch" : "arm";
    case "switch":
    case "drain":
    case "done":
      return phase;
  }
}

/** Nothing is left of the giver's flows, or their time is up; and one that failed has forgotten what it knew. */
export function endHandoffs(draft: SlotsDraft): void {
  draft.handoffs = draft.handoffs.flatMap((handoff): DraftHandoff[] => {
    const giver = draft.sign(handoff.from);
    const said = draft.giverSays(handoff);
    if (handoff.phase === "done") {
      const mustForget = handoff.fromGone && giver !== undefined && said?.reached !== "drained";
      return mustForget ? [handoff] : [];
    }
    if (handoff.phase !== "drain") return [handoff];
    // It waits for the chassis, and a deadline makes none of them follow.
    if (handoff.fromGone) return giver === undefined ? [] : [handoff];
    if (said?.reached === "drained") return [];
    if (!isOverdue(giver, draft)) return [handoff];
    return [{ ...handoff, phase: "done", flowsCut: said?.flows ?? 0 }];
  });
}

/** Milliseconds since the epoch when a shard that leaves is waited for no more; undefined: it is waited for in any case. */
export function drainEndsMs(
  { leaving, leavingSince }: { readonly leaving: boolean; readonly leavingSince?: string | undefined },
  drainSeconds: number | "never",
): number | undefined {
  if (!leaving || leavingSince === undefined || drainSeconds === "never") return undefined;
  return instantMs(leavingSince) + drainSeconds * 1000;
}

function isOverdue(giver: ShardSign | undefined, { sight }: SlotsDraft): boolean {
  if (giver === undefined) return true;
  const end = drainEndsMs(giver.placement, sight.drainSeconds);
  return end !== undefined && instantMs(sight.now) >= end;
}
