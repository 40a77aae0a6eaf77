/**
 * decideSchedule: from what is wanted, what is placed and what is gone to the writes that bring them together.
 * Pure: records in, steps out. `unplacedOf` says what has no place and why, from the same decision.
 */
import { decideGroups } from "./decide-groups.ts";
import { decideLeaving } from "./decide-leaving.ts";
import { decideUplinks } from "./decide-uplinks.ts";
import { decideWorkloads } from "./decide-workloads.ts";
import type { SchedulePolicy } from "./given-up-nodes.ts";
import { defaultSchedulePolicy, givenUp } from "./given-up-nodes.ts";
import { roomOf } from "./room.ts";
import type { ScheduleSeen } from "./seen.ts";
import type { ScheduleStep, Unplaced } from "./step.ts";

/** Shards before workloads: a group without room is worse than a host without. */
function decide(
  seen: ScheduleSeen,
  at: { readonly now: string; readonly policy: SchedulePolicy },
): { steps: ScheduleStep[]; unplaced: Unplaced[] } {
  const room = roomOf(seen);
  const groups = decideGroups(seen, room, { now: at.now, givenUp: givenUp(seen.health, at) });
  const workloads = decideWorkloads(seen, room);
  return {
    steps: [...groups.steps, ...workloads.steps, ...decideUplinks(seen), ...decideLeaving(seen)],
    unplaced: [...groups.unplaced, ...workloads.unplaced],
  };
}

/** `now` is RFC 3339. */
export function decideSchedule(
  seen: ScheduleSeen,
  now: string,
  policy: SchedulePolicy = defaultSchedulePolicy,
): ScheduleStep[] {
  return decide(seen, { now, policy }).steps;
}

/** Before anything happened: what has no place does not depend on the time. */
const noTime = "1970-01-01T00:00:00.000Z";

/** All that is wanted and has no place now; a resource whose place is about to be written is not among them. */
export function unplacedOf(seen: ScheduleSeen): Unplaced[] {
  return decide(seen, { now: noTime, policy: defaultSchedulePolicy }).unplaced;
}
