/**
 * What the agent of a node does so that connections outlive a crash: it follows what each shard of a group with `state: replicated`
 * tracks, and has shards go on with the flows of those that failed. Where the flows are kept is left to the agent.
 */
import type { Affinity } from "@weft/schemas";
import type { ShimSeen } from "../shim/wanted-shim.ts";
import { adoptionsOf } from "./adoptions.ts";
import type { Adoption } from "./adoptions.ts";

export interface GroupName {
  readonly tenant: string;
  readonly group: string;
}

/** `uid`: of the shard's placement. */
export type ReplicaStep =
  /** These groups' shards and no others'. */
  | { readonly kind: "hear"; readonly groups: readonly GroupName[]; readonly why: string }
  | { readonly kind: "follow"; readonly uid: string; readonly life: string; readonly why: string }
  | { readonly kind: "unfollow"; readonly uid: string; readonly why: string }
  | {
      readonly kind: "adopt";
      readonly uid: string;
      readonly adoption: Adoption;
      readonly affinity: Affinity;
      readonly why: string;
    };

/** What a shard left is kept for so long; who has not told all of it by then does not any more. */
const openForMs = 30_000;

/** An adoption that was carried out at least once. */
export interface CarriedOut {
  /** When it first was. */
  readonly sinceMs: number;
  /** Nothing was missing of what is known of the shard that failed. */
  readonly whole: boolean;
}

/** A shard that is placed on this node. */
export interface ReplicaShard {
  readonly seen: ShimSeen;
  /** Of its namespace: in another one nothing is followed and nothing adopted. Undefined while it has none. */
  readonly life: string | undefined;
  /** Its links and its shim are there. */
  readonly wired: boolean;
  /** By key, the adoptions that were carried out in this namespace. */
  readonly adopted: ReadonlyMap<string, CarriedOut>;
  /** The shards of its group whose connections are known whole here. */
  readonly known: readonly string[];
}

export interface ReplicaSight {
  readonly shards: readonly ReplicaShard[];
  /** The life of what is followed, by the placement's uid. */
  readonly followed: ReadonlyMap<string, string>;
  readonly heard: readonly GroupName[];
  /** By the clock of `sinceMs`. */
  readonly nowMs: number;
}

export function decideReplicas({ shards, followed, heard, nowMs }: ReplicaSight): ReplicaStep[] {
  const replicated = shards.filter(({ seen }) => seen.group.state === "replicated");
  const lives = new Map(
    replicated.flatMap(({ seen, life }) => (life === undefined ? [] : [[seen.shard.uid, life] as const])),
  );
  const over = [...followed].filter(([uid, life]) => lives.get(uid) !== life);
  return [
    // First: who is not heard has nothing to leave.
    ...hearSteps(replicated, heard),
    // Then what is left of a shard that failed: it is waited for.
    ...replicated.flatMap((shard) => adoptSteps(shard, nowMs)),
    ...over.map(([uid]): ReplicaStep => ({ kind: "unfollow", uid, why: "there is nothing more to follow" })),
    ...[...lives].flatMap(([uid, life]): ReplicaStep[] =>
      followed.get(uid) === life ? [] : [{ kind: "follow", uid, life, why: "its peers keep its state" }],
    ),
  ];
}

function hearSteps(replicated: readonly ReplicaShard[], heard: readonly GroupName[]): ReplicaStep[] {
  const groups = new Map(
    replicated.map(({ seen: { shard } }) => {
      const { tenant, group } = shard;
      return [`${tenant}.${group}`, { tenant, group }] as const;
    }),
  );
  const known = new Set(heard.map(({ tenant, group }) => `${tenant}.${group}`));
  if (groups.size === known.size && [...groups.keys()].every((key) => known.has(key))) return [];
  return [{ kind: "hear", groups: [...groups.values()], why: "shards of them are here" }];
}

function adoptSteps({ seen, life, wired, adopted, known }: ReplicaShard, nowMs: number): ReplicaStep[] {
  if (!wired || life === undefined) return [];
  const { shard, group } = seen;
  return adoptionsOf(seen).flatMap((adoption): ReplicaStep[] => {
    const before = adopted.get(adoption.key);
    const isOwn = adoption.of === shard.name;
    if (before !== undefined && (isOwn || !hasMore(before, known.includes(adoption.of), nowMs))) return [];
    const why = isOwn ? "its namespace is a new one" : `${adoption.of} failed`;
    return [{ kind: "adopt", uid: shard.uid, adoption, affinity: group.affinity, why }];
  });
}

/** An agent that has just begun knows little of a shard that fails then: the rest is adopted once it was told. */
function hasMore({ sinceMs, whole }: CarriedOut, isKnownWhole: boolean, nowMs: number): boolean {
  return !whole && isKnownWhole && nowMs - sinceMs < openForMs;
}
