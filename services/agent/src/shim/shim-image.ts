/**
 * What is in one shard's shim, as far as the agent has read it or written it since; and its own lists in the stream. Of one namespace:
 * in a new one all of it is gone.
 */
import type { ActualShim, MacPair, ShimSight } from "@weft/decide";
import { forgottenAlready, isUntouched } from "@weft/decide";
import type { ListName } from "@weft/bus";
import type { AgentPorts } from "../ports.ts";
import type { Owners } from "./entries.ts";
import type { FirstShim } from "./first-shims.ts";
import { readWritten, seenRules } from "./shim-kernel.ts";

export interface ShimImage extends ActualShim {
  rulesMark: string | undefined;
  next: ReadonlyMap<number, MacPair>;
  prev: ReadonlyMap<number, MacPair>;
  owners: Owners;
  lists: ActualShim["lists"];
  leftOver: boolean;
  waiting: boolean;
  readonly published: Map<number, number>;
  readonly counts: Map<number, number>;
  readonly forgotten: Set<number>;
}

export interface ReadOrder {
  readonly namespacePath: string;
  readonly giver: Omit<ListName, "id">;
  readonly sight: ShimSight;
  /** All that is there, where that is known: the kernel is not asked then. */
  readonly first: FirstShim | undefined;
}

/** Asks the kernel and the stream. `lists` is empty: that entries are there does not tell whose list is whole, or whether it is wanted. */
export async function readImage(
  { namespacePath, giver, sight, first }: ReadOrder,
  ports: AgentPorts,
): Promise<ShimImage> {
  const { marks, waiting } =
    first === undefined ? await seenRules(namespacePath) : { marks: [first.mark], waiting: first.waiting };
  const [mark, second] = marks;
  const nothing = { owners: new Map(), ways: { next: new Map(), prev: new Map() } };
  const isNew = first !== undefined || mark === undefined || isUntouched(sight);
  const [{ owners, ways }, published] = await Promise.all([
    isNew ? nothing : readWritten(namespacePath),
    publishedBy(giver, sight, ports),
  ]);
  return {
    // Of two nobody knows which rules are in force.
    rulesMark: second === undefined ? mark : undefined,
    ...ways,
    owners,
    lists: new Map(),
    leftOver: owners.size > 0,
    waiting,
    published,
    counts: new Map(),
    forgotten: new Set(forgottenAlready(sight)),
  };
}

async function publishedBy(
  giver: Omit<ListName, "id">,
  { wanted }: ShimSight,
  { bus }: AgentPorts,
): Promise<Map<number, number>> {
  const wantedIds = new Set(wanted.publish.map(({ handoff }) => handoff));
  const found = new Map<number, number>();
  for (const id of await bus.flowLists.idsOf(giver)) {
    const flows = wantedIds.has(id) ? await bus.flowLists.get({ ...giver, id }) : [];
    if (flows !== undefined) found.set(id, flows.length);
  }
  return found;
}
