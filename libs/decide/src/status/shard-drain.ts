/**
 * What a shard that leaves is waited for: slots that nobody else has yet, flows of those that were handed on, and until when.
 * Reads placements, slots, shims and the group's document; says the same in numbers and in a sentence.
 */
import type { ShardDrain, ShardPlacement, SlotsRecord } from "@weft/schemas";
import { instantText, intentKey, recordKey, slotsKey } from "@weft/schemas";
import { drainEndsMs } from "../stitch/advance-handoffs.ts";
import { drainSecondsOf } from "../stitch/group-slots.ts";
import type { StatusRecords } from "./world.ts";

type Given = SlotsRecord["handoffs"];

/** null of a shard that stays. */
export function shardDrain(shard: ShardPlacement, records: StatusRecords): ShardDrain | null {
  if (!shard.leaving) return null;
  const { tenant, group, name } = shard;
  const slots = records.slots.get(slotsKey(tenant, group))?.value;
  const given = slots?.handoffs.filter(({ from, phase }) => from === name && phase !== "done") ?? [];
  const [oldest] = given.toSorted((a, b) => a.id - b.id);
  const told = {
    since: shard.leavingSince ?? null,
    deadline: deadlineOf(shard, records),
    owns: slots?.owners.filter((owner) => owner === name).length ?? 0,
    slots: new Set(given.flatMap((handoff) => handoff.slots)).size,
    flows: flowsLeft(shard, given, records),
    oldest: oldest === undefined ? null : { phase: oldest.phase, startedAt: oldest.startedAt },
  };
  return { ...told, waitsFor: waitsFor(told) };
}

/** Of a group that is deleted nothing is kept. */
function deadlineOf(shard: ShardPlacement, { intents }: StatusRecords): string | null {
  const { tenant, group, intentUid } = shard;
  const intent = intents.get(intentKey("FunctionGroup", tenant, group))?.value;
  if (intent?.document.kind !== "FunctionGroup" || intent.uid !== intentUid) return null;
  const ends = drainEndsMs(shard, drainSecondsOf(intent.document));
  return ends === undefined ? null : instantText(ends);
}

/** As they were last counted; null while one of the handoffs is not: its flows are listed, or nobody has looked yet. */
function flowsLeft(
  { tenant, name, uid }: ShardPlacement,
  given: Given,
  { shims }: StatusRecords,
): number | null {
  const shim = shims.get(recordKey("shard", tenant, name))?.value;
  const said = new Map(shim?.placementUid === uid ? shim.handoffs.map((each) => [each.id, each]) : []);
  const counts = given.map(({ id, phase }) => (phase === "drain" ? said.get(id)?.flows : undefined));
  return counts.reduce<number | null>(
    (sum, count) => (sum === null || count === undefined ? null : sum + count),
    0,
  );
}

function waitsFor({ owns, slots, flows, oldest, deadline }: Omit<ShardDrain, "waitsFor">): string {
  if (oldest === null)
    return owns > 0 ? `a receiver of the ${plural(owns, "slot")} that it owns` : "its node to remove it";
  const left = flows === null ? "flows that are not counted yet" : plural(flows, "flow");
  const until = deadline === null ? "for as long as they last" : `until ${deadline} at most`;
  const still = owns > 0 ? `; it owns ${plural(owns, "slot")} yet` : "";
  return `${left} in ${plural(slots, "slot")}, the oldest handed on at ${oldest.startedAt} and in ${oldest.phase}, ${until}${still}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
