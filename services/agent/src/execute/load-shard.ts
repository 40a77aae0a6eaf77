/** Loads a shard's configuration, and tells whoever must know that it is in force now. */
import type { SeenPlacement } from "@weft/decide";
import { WeftError } from "@weft/schemas";
import { loadConfig } from "../load-config.ts";
import type { ExecutorContext } from "./executor.ts";

export async function loadShard(
  { placement, wanted }: SeenPlacement,
  { ports, inventory, inside, probes }: ExecutorContext,
): Promise<void> {
  if (placement.kind !== "shard") return;
  const { uid, generation } = placement;
  const opened = inventory.liveConfig(uid) !== undefined;
  using _ = inside.loading(uid);
  const namespacePath = inventory.owned(uid)?.holder?.namespacePath;
  if (namespacePath === undefined) throw new WeftError("unavailable", "Its network namespace is not there.");
  const lines = await loadConfig(placement, { namespacePath, opened });
  inside.loaded(uid, lines);
  inventory.loaded(uid, { hash: wanted.config ?? "", generation, loadedAt: ports.clock.iso() });
  // The tenant's networks are part of what was loaded: they may have another family now.
  probes.follow(placement);
}
