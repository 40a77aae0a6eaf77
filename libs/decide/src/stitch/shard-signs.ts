/**
 * What is known of each of a group's shards when slots are decided: does it live, may it have slots, what does its shim say.
 * Reads placements, verdicts and shim records; those of an earlier shard of the same name count for nothing.
 */
import type { ShardPlacement, ShimProgress, ShimRecord } from "@weft/schemas";
import { nodeHealthKey, recordKey, revisionId } from "@weft/schemas";
import { hasLostChassis } from "./in-force.ts";
import type { StitchSeen } from "./seen.ts";
import type { TenantWorld } from "./tenant-world.ts";

export interface ShardSign {
  readonly placement: ShardPlacement;
  /** Not known to have failed: what it owns is kept for it, and it is waited for. */
  readonly alive: boolean;
  /** It passes packets: its probe says so. */
  readonly ready: boolean;
  /** What is sent to it from other nodes arrives. Its probe says nothing of that, for it never leaves the node. */
  readonly reachable: boolean;
  /** RFC 3339, by the clock of health. */
  readonly readySince: string | undefined;
  readonly shim: ShimRecord | undefined;
  /** Of the placement, as it is seen here and as its agent has seen it. */
  readonly revision: number;
  readonly agentRevision: number;
  /** Revision that made it ready, fail or leave. */
  readonly cause: string;
}

type Signs = Pick<StitchSeen, "health" | "shims" | "realized" | "bindings">;

/** By name. */
export function shardSigns(
  { instances }: TenantWorld,
  group: { readonly name: string; readonly uid: string },
  seen: Signs,
): Map<string, ShardSign> {
  return new Map(
    instances.flatMap(({ value, revision }) =>
      value.kind === "shard" && value.group === group.name && value.intentUid === group.uid
        ? [[value.name, signOf(value, revision, seen)] as const]
        : [],
    ),
  );
}

/** What the shim says of one handoff. */
export function saidOf(sign: ShardSign | undefined, handoff: number): ShimProgress | undefined {
  return sign?.shim?.handoffs.find(({ id }) => id === handoff);
}

function signOf(placement: ShardPlacement, revision: number, seen: Signs): ShardSign {
  const { health, shims, realized } = seen;
  const key = recordKey("shard", placement.tenant, placement.name);
  const found = health.get(key);
  const verdict =
    found?.value.kind === "shard" && found.value.placementUid === placement.uid ? found.value : undefined;
  const node = health.get(nodeHealthKey(placement.node))?.value;
  const shim = shims.get(key)?.value;
  const made = realized.get(key)?.value;
  // The node's verdict comes first, and on a shard that nobody needs any more none is given.
  const alive = verdict?.state !== "failed" && !(node?.kind === "node" && node.state === "lost");
  return {
    placement,
    alive,
    ready: alive && verdict?.state === "ready",
    reachable: !hasLostChassis(placement, seen),
    readySince: verdict?.state === "ready" ? verdict.since : undefined,
    shim: shim?.placementUid === placement.uid ? shim : undefined,
    revision,
    agentRevision: made?.placementUid === placement.uid ? made.placementRevision : 0,
    cause:
      placement.leaving || found === undefined
        ? revisionId("placements", key, revision)
        : revisionId("health", key, found.revision),
  };
}
