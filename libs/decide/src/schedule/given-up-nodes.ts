/**
 * Nodes that have been lost for so long that shards are placed elsewhere in the place of theirs. Until then nothing is made anew:
 * most nodes come back with all that they had. A shard's successor has another index, so its addresses and ports are its own,
 * and a node that comes back late has nothing that anybody else has too.
 */
import type { HealthRecord } from "@weft/schemas";
import { instantMs, nodeHealthKey } from "@weft/schemas";
import type { Records } from "./seen.ts";

export interface SchedulePolicy {
  /** Shards of a node that is lost for longer are placed on others. */
  readonly replaceMs: number;
}

/** docs/failures.md says how it was chosen. */
export const defaultSchedulePolicy: SchedulePolicy = { replaceMs: 60_000 };

/** `now` is RFC 3339. The verdict's time is by the clock of health: clocks of a control plane are some milliseconds apart. */
export function givenUp(
  health: Records<HealthRecord>,
  { now, policy }: { readonly now: string; readonly policy: SchedulePolicy },
): (node: string) => boolean {
  return (node) => {
    const verdict = health.get(nodeHealthKey(node))?.value;
    if (verdict?.kind !== "node" || verdict.state !== "lost") return false;
    return instantMs(now) >= instantMs(verdict.since) + policy.replaceMs;
  };
}

/** When each node that is lost now will be given up, in milliseconds since the epoch. */
export function givingUpMs(health: Records<HealthRecord>, { replaceMs }: SchedulePolicy): number[] {
  return [...health.values()].flatMap(({ value }) =>
    value.kind === "node" && value.state === "lost" ? instantMs(value.since) + replaceMs : [],
  );
}
