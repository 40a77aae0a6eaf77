/**
 * Whether the connections of a group with `state: replicated` would outlive a crash of any of its shards: each shard's are known
 * whole where its peers are. Reads what agents say beside their shims.
 */
import type { Condition, ShardPlacement } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import type { GroupIntent } from "./group-status.ts";
import { latest } from "./standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

/** None for a group whose state is local. */
export function replicated(
  intent: GroupIntent,
  world: StatusWorld,
  staying: readonly StatusEntry<ShardPlacement>[],
): Condition[] {
  if (intent.value.document.spec.state !== "replicated") return [];
  const is = (
    status: Condition["status"],
    { reason, message, since }: Omit<Condition, "type" | "status">,
  ): Condition[] => [{ type: "Replicated", status, reason, message, since }];
  if (staying.length < 2) {
    const message = "there is no other shard that could keep its connections";
    return is("False", { reason: "NoPeer", message, since: intent.at });
  }
  const names = staying.map(({ value }) => value.name);
  const shims = staying.map(({ value }) => {
    const entry = world.shims.get(recordKey("shard", value.tenant, value.name));
    const known = entry?.value.placementUid === value.uid ? (entry.value.keeps ?? []) : [];
    const missing = names.filter((name) => name !== value.name && !known.includes(name));
    return { name: value.name, at: entry?.at ?? intent.at, missing };
  });
  const since = latest(shims.map(({ at }) => at));
  const behind = shims.find(({ missing }) => missing.length > 0);
  if (behind === undefined) {
    const message = "the connections of each shard are kept where its peers are";
    return is("True", { reason: "Kept", message, since });
  }
  const message = `not all connections of ${behind.missing.join(", ")} are known where ${behind.name} is`;
  return is("False", { reason: "Behind", message, since });
}
