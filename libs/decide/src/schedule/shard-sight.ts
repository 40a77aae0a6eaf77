/**
 * A group's shards as the scheduler sees them: what each is placed as, whether it works, and whether that can be held
 * against the change that is under way. Reads placements, what runs, verdicts, slots and shims; decides
 * nothing.
 */
import type { ShardPlacement } from "@weft/schemas";
import { nodeHealthKey, recordKey, slotsKey } from "@weft/schemas";
import { isHeldBySlots } from "../slots/handoffs.ts";
import type { ScheduleSeen } from "./seen.ts";

export interface ShardSight {
  readonly key: string;
  readonly value: ShardPlacement;
  readonly revision: number;
  /** It works, by its verdict and by how it came up. */
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

/**
 * Its function has ended since it was told a generation that not all shards have been ready with yet, and was started again: an
 * image whose process ends at once passes probes for moments, or for good where the kernel does the work.
 */
function hasStumbled(shard: ShardPlacement, { placements, realized }: ScheduleSeen): boolean {
  const { tenant, name, group, uid, generation, askedAt = "" } = shard;
  const placed = placements.get(recordKey("group", tenant, group))?.value;
  const proven = placed?.kind === "group" ? placed.rollout?.proven : undefined;
  if (proven === undefined || proven.generation === generation) return false;
  const made = realized.get(recordKey("shard", tenant, name))?.value;
  if (made?.placementUid !== uid || made.restarts === 0) return false;
  return made.startedAt === undefined || made.startedAt > askedAt;
}

function standingOf(
  shard: ShardPlacement,
  seen: ScheduleSeen,
): Pick<ShardSight, "ready" | "current" | "behindSince" | "excused"> {
  const { tenant, name, node, uid, generation, askedAt } = shard;
  const { health } = seen;
  const found = health.get(recordKey("shard", tenant, name))?.value;
  const verdict = found?.kind === "shard" && found.placementUid === uid ? found : undefined;
  const ready = verdict?.state === "ready" && !hasStumbled(shard, seen);
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
