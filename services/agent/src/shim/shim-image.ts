/**
 * What is in one shard's shim, as far as the agent has read it or written it since; and its own lists in the stream. Of one namespace:
 * in a new one all of it is gone.
 */
import type { ActualShim, MacPair, ShimSight } from "@weft/decide";
import type { ListName } from "@weft/bus";
import type { AgentPorts } from "../ports.ts";
import type { Owners } from "./entries.ts";
import { readWritten, seenRules } from "./shim-kernel.ts";

export interface ShimImage extends ActualShim {
  rulesMark: string | undefined;
  next: ReadonlyMap<number, MacPair>;
  prev: ReadonlyMap<number, MacPair>;
  owners: Owners;
  lists: ActualShim["lists"];
  leftOver: boolean;
  readonly published: Map<number, number>;
  readonly counts: Map<number, number>;
  readonly forgotten: Set<number>;
}

export interface ReadOrder {
  readonly namespacePath: string;
  readonly giver: Omit<ListName, "id">;
  readonly sight: ShimSight;
  /** Of the only thing that is there, where that is known: the kernel is not asked then. */
  readonly firstMark: string | undefined;
}

/** Asks the kernel and the stream. `lists` is empty: that entries are there does not tell whose list is whole, or whether it is wanted. */
export async function readImage(
  { namespacePath, giver, sight, firstMark }: ReadOrder,
  ports: AgentPorts,
): Promise<ShimImage> {
  const marks = firstMark === undefined ? (await seenRules(namespacePath)).marks : [firstMark];
  const [mark, second] = marks;
  const nothing = { owners: new Map(), ways: { next: new Map(), prev: new Map() } };
  const isNew = firstMark !== undefined || mark === undefined || isUntouched(sight);
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
    published,
    counts: new Map(),
    forgotten: new Set(forgottenAlready(sight, isNew)),
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

/**
 * Nothing is steered ahead of the first record: where there is one of another namespace, or none and no slots either, there is
 * nothing to read. That there is none while the group has slots may be the store's loss.
 */
function isUntouched({ told, about, slotsKnown }: ShimSight): boolean {
  return told === undefined ? !slotsKnown : told.namespaceInode !== about.namespaceInode;
}

/** A new table has nothing to forget; in an old one, what the record says was forgotten is not forgotten twice. */
function forgottenAlready({ wanted, told }: ShimSight, isNew: boolean): number[] {
  const said = told?.handoffs.flatMap(({ id, reached }) => (reached === "drained" ? [id] : [])) ?? [];
  return wanted.forget.flatMap(({ handoff }) => (isNew || said.includes(handoff) ? [handoff] : []));
}
