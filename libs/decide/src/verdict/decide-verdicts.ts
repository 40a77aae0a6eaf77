/**
 * One look of health: a verdict on every node and every shard that is placed, and away with verdicts on what is gone.
 * Reads VerdictSeen; returns writes for what changed alone.
 */
import { nodeHealthKey } from "@weft/schemas";
import { nodeVerdict } from "./node-verdict.ts";
import type { VerdictPolicy, VerdictSeen } from "./seen.ts";
import { shardVerdict } from "./shard-verdict.ts";
import { silenceOf } from "./silence.ts";
import type { RemoveHealth, VerdictStep } from "./step.ts";

export function decideVerdicts(seen: VerdictSeen, now: string, policy: VerdictPolicy): VerdictStep[] {
  const silence = silenceOf(seen, policy);
  const at = { seen, silence, policy, now };
  const nodes = sorted(seen.nodes).flatMap(([key, { value, revision }]) =>
    nodeVerdict({ key, value, revision }, at),
  );
  const shards = sorted(seen.placements).flatMap(([key, { value, revision }]) =>
    value.kind === "shard" ? shardVerdict({ key, value, revision }, at) : [],
  );
  return [...nodes, ...shards, ...removals(seen)];
}

function removals(seen: VerdictSeen): RemoveHealth[] {
  const nodes = new Set([...seen.nodes.values()].map(({ value }) => nodeHealthKey(value.name)));
  return sorted(seen.health).flatMap(([key, { value, revision }]): RemoveHealth[] => {
    const there = value.kind === "node" ? nodes.has(key) : seen.placements.has(key);
    if (there) return [];
    return [{ kind: "removeHealth", key, ifRevision: revision, why: `the ${value.kind} is gone` }];
  });
}

function sorted<T>(records: ReadonlyMap<string, T>): [string, T][] {
  return [...records].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
