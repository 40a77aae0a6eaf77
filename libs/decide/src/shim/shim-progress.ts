/**
 * How far a shim has followed, told from what is really in its sets and in the stream: the `handoffs` of its record.
 * Reads what is wanted and what is there; claims nothing that is not there, so a namespace made anew takes its word back.
 */
import type { ShimProgress } from "@weft/schemas";
import type { MacPair, ShimDuty, WantedShim } from "./wanted-shim.ts";

/** What is there, as the kernel and the stream say; nothing that was only asked for. */
export interface ActualShim {
  readonly next: ReadonlyMap<number, MacPair>;
  readonly prev: ReadonlyMap<number, MacPair>;
  /** Lists that are whole in `owner` and `inner`, by handoff: for which slots, with whose MACs. */
  readonly lists: ReadonlyMap<number, MacPair & { readonly slots: readonly number[] }>;
  /** `owner` or `inner` may hold entries of no such list: somebody wrote them of whom nothing is known any more. */
  readonly leftOver: boolean;
  /** Nothing passes, since its namespace was wired while something was to be steered: until it has been, once. */
  readonly waiting: boolean;
  /** Lists of this shard that are whole in the stream: how many flows each has. */
  readonly published: ReadonlyMap<number, number>;
  /** By handoff: how many of its slots' flows the last count found. None before the first. */
  readonly counts: ReadonlyMap<number, number>;
  /** Handoffs after whose end every flow was forgotten. */
  readonly forgotten: ReadonlySet<number>;
}

/** By id. A handoff of which nothing is reached yet is not among them. */
export function shimProgress(wanted: WantedShim, actual: ActualShim): ShimProgress[] {
  const progress = new Map<number, ShimProgress>();
  const says = (id: number, reached: ShimProgress["reached"], flows?: number) =>
    progress.set(id, { id, reached, ...(flows === undefined ? {} : { flows }) });
  const draining = new Set(wanted.count.map(({ handoff }) => handoff));
  for (const { handoff, slots } of wanted.publish) {
    if (draining.has(handoff) || !slots.every((slot) => holds(actual.next, wanted.next, slot))) continue;
    const flows = actual.published.get(handoff);
    if (flows === undefined) says(handoff, "frozen");
    else says(handoff, "copied", flows);
  }
  for (const duty of wanted.arm) if (isArmed(duty, wanted, actual)) says(duty.handoff, "armed");
  for (const { handoff } of wanted.count) {
    const flows = actual.counts.get(handoff);
    says(handoff, flows === 0 ? "drained" : "draining", flows);
  }
  for (const { handoff } of wanted.forget) if (actual.forgotten.has(handoff)) says(handoff, "drained", 0);
  return [...progress.values()].toSorted((a, b) => a.id - b.id);
}

/** Nothing of these slots is steered otherwise than is wanted, and every list that has flows of them is loaded. */
function isArmed({ slots }: ShimDuty, wanted: WantedShim, actual: ActualShim): boolean {
  const steered = slots.every(
    (slot) => same(actual, wanted, slot, "next") && same(actual, wanted, slot, "prev"),
  );
  return (
    steered &&
    !actual.leftOver &&
    !actual.waiting &&
    wanted.lists.every((list) => {
      const needed = list.slots.filter((slot) => slots.includes(slot));
      if (needed.length === 0) return true;
      const loaded = actual.lists.get(list.handoff);
      return (
        loaded !== undefined && isPair(loaded, list) && needed.every((slot) => loaded.slots.includes(slot))
      );
    })
  );
}

function same(actual: ActualShim, wanted: WantedShim, slot: number, set: "next" | "prev"): boolean {
  return wanted[set].has(slot) ? holds(actual[set], wanted[set], slot) : !actual[set].has(slot);
}

function holds(
  actual: ReadonlyMap<number, MacPair>,
  wanted: ReadonlyMap<number, MacPair>,
  slot: number,
): boolean {
  const there = actual.get(slot);
  const asked = wanted.get(slot);
  return there !== undefined && asked !== undefined && isPair(there, asked);
}

function isPair(a: MacPair, b: MacPair): boolean {
  return a.in === b.in && a.out === b.out;
}
