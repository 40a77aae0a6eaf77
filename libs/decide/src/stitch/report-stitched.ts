/** Writes to weft_stitched: a record for each standing that changed, none for what did not, and away with what is gone. */
import type { StitchedRecord } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import type { Standing } from "./stitched-records.ts";
import type { PutStitched, RemoveStitched } from "./step.ts";

export interface Reporting {
  readonly now: string;
  /** The network is to be changed in this very round: nothing new is in force yet. */
  readonly changing: boolean;
}

export function reportStanding(
  standing: Standing,
  found: Found<StitchedRecord> | undefined,
  { now, changing }: Reporting,
): PutStitched[] {
  const { key, thing, obstacle, fault } = standing;
  const before = found?.value;
  const kept = before?.state === "programmed" && sameThing(before, thing);
  const late = changing ? "the northbound database is being changed" : standing.behind;
  const message = obstacle ?? (kept ? undefined : late) ?? "";
  const state = message === "" ? "programmed" : "waiting";
  if (before?.state === state && before.message === message && sameThing(before, thing)) return [];
  const at = before?.state === state && before.uid === thing.uid ? before.at : now;
  const record: StitchedRecord = { ...thing, state, message, at, ...(fault === undefined ? {} : { fault }) };
  const why = state === "programmed" ? "every chassis concerned has applied it" : message;
  return [{ kind: "putStitched", key, record, ifRevision: found?.revision ?? 0, why }];
}

/** Only once the network has let go of it: whoever waits for a deletion waits for this. */
export function forgetStitched(key: string, found: Found<StitchedRecord>): RemoveStitched {
  return {
    kind: "removeStitched",
    key,
    ifRevision: found.revision,
    why: "nothing of it is left in the network",
  };
}

function sameThing(record: StitchedRecord, thing: Standing["thing"]): boolean {
  const slots = ({ slots }: Pick<StitchedRecord, "slots">) =>
    JSON.stringify(Object.entries(slots ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return record.uid === thing.uid && record.generation === thing.generation && slots(record) === slots(thing);
}
