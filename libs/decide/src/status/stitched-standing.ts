/** Whether the network does what a resource asks: reads its stitched record alone. */
import { recordKey } from "@weft/schemas";
import type { Standing } from "./standing.ts";
import { readySince, waiting } from "./standing.ts";
import type { StatusWorld } from "./world.ts";

export interface StitchedThing {
  readonly kind: "network" | "workload" | "chain";
  readonly tenant: string;
  readonly name: string;
  /** Of the intent, or of the placement for a workload. */
  readonly uid: string;
  readonly generation: number;
  /** When it was asked for; stands while there is no record. */
  readonly since: string;
}

export function stitchedStanding(world: StatusWorld, thing: StitchedThing): Standing {
  const record = world.stitched.get(recordKey(thing.kind, thing.tenant, thing.name))?.value;
  if (record === undefined || record.uid !== thing.uid)
    return waiting(
      "NotStitched",
      `the network-stitcher has not taken up this ${thing.kind} yet`,
      thing.since,
    );
  if (record.state === "waiting")
    return waiting(
      "Stitching",
      record.message === "" ? "the nodes are applying it" : record.message,
      record.at,
    );
  if (record.generation !== thing.generation)
    return waiting(
      "Updating",
      `the network still has generation ${record.generation}, ${thing.generation} is wanted`,
      thing.since,
    );
  return readySince("the network has it on every node concerned", [record.at]);
}
