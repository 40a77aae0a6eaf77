/**
 * A group's shards as the scheduler sees them: what each is placed as, whether it works, and whether that can be held
 * against the change that is under way. Reads placements, verdicts, slots and shims; decides nothing.
 */
import type { ShardPlacement } from "@weft/schemas";
import { nodeHealthKey, recordKey, slotsKey } from "@weft/schemas";
import { isHeldBySlots } from "../slots/handoffs.ts";
import type { ScheduleSeen } from "./seen.ts";

export interface ShardSight {
  readonly key: string;
  readonly value: ShardPlacement;
  readonly revision: number;
  readonly ready: boolean;
  /** Ready with the generation that its placement carries. */
  readonly current: boolean;
  /** Slots of the group are its own, in the network too. */
  readonly ownsSlots: boolean;
  /** Slots are its own or stand in a handoff that it still has a part in, so its agent keeps it. */
  readonly held: boolean;
  /** About how many flows its shim knows: a power of two, or 0 where nothing is known of it. */
  readonly flowsAtLeast: number;
  /** Since when it has not been ready as it was told to be, RFC 3339; undefined: it is, or nobody knows since when. */
  readonly behindSince: string | undefined;
  /** That it is not ready has another reason than what it was told: its node is lost, or it was failing before. */
  readonly excused: boolean;
}

/** By index, lowest first; also those that are leaving and those of an earlier group of this name. */
export function shardSights(of: { tenant: string; name: string }, seen: ScheduleSeen): ShardSight[] {
  const slots = seen.slots.get(slotsKey(of.tenant, of.name))?.value;
  const owners = new Set(slots?.owners);
  const sights: ShardSight[] = [];
  for (const [key, { value, revision }] of seen.placements)
    if (value.kind === "shard" && value.tenant === of.tenant && value.group === of.name)
      sights.push({
        key,
        value,
        revision,
        ownsSlots: owners.has(value.name),
        held: slots !== undefined && isHeldBySlots(slots, value.name),
        flowsAtLeast: flowsAtLeastOf(value, seen),
        ...standingOf(value, seen),
      });
  return sights.toSorted((a, b) => a.value.index - b.value.index);
}

/** It takes its part of the traffic. */
export function isServing({ ready, ownsSlots }: ShardSight): boolean {
  return ready && ownsSlots;
}

function flowsAtLeastOf({ tenant, name, uid }: ShardPlacement, { shims }: ScheduleSeen): number {
  const shim = shims.get(recordKey("shard", tenant, name))?.value;
  return shim?.placementUid === uid ? shim.flowsAtLeast : 0;
}

function standingOf(
  { tenant, name, node, uid, generation, askedAt }: ShardPlacement,
  { health }: ScheduleSeen,
): Pick<ShardSight, "ready" | "current" | "behindSince" | "excused"> {
  const found = health.get(recordKey("shard", tenant, name))?.value;
  const verdict = found?.kind === "shard" && found.placementUid === uid ? found : undefined;
  const ready = verdict?.state === "ready";
  const current = ready && verdict.generation === generation;
  const failedSince = verdict?.state === "failed" ? verdict.since : undefined;
  const nodeVerdict = health.get(nodeHealthKey(node))?.value;
  const nodeLost = nodeVerdict?.kind === "node" && nodeVerdict.state === "lost";
  const failedBefore = failedSince !== undefined && askedAt !== undefined && failedSince < askedAt;
  const later = [askedAt, failedSince]
    .flatMap((time) => time ?? [])
    .toSorted()
    .at(-1);
  return {
    ready,
    current,
    behindSince: current || askedAt === undefined ? undefined : later,
    excused: nodeLost || failedBefore,
  };
}
