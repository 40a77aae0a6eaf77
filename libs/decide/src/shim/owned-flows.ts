/**
 * Which flows belong to other shards: the content of `owner`, put together from the lists of the stream. What a flow is called is the
 * caller's affair.
 */
import type { MacPair, WantedList } from "./wanted-shim.ts";

export interface FetchedList<Flow> {
  readonly list: WantedList;
  /** With their slots. Undefined: the stream does not have it, or not whole. */
  readonly flows: Iterable<readonly [Flow, number]> | undefined;
}

export interface OwnedFlows<Flow> {
  readonly owners: ReadonlyMap<Flow, MacPair>;
  /** Some of them stay without their list: should it never come, they must go with it. */
  readonly leftOver: boolean;
}

/** Of a flow in two lists the later one counts. Of a list that is not to be had, what is there already stays. */
export function ownersOf<Flow>(
  fetched: readonly FetchedList<Flow>[],
  held: ReadonlyMap<Flow, MacPair>,
  slotOf: (flow: Flow) => number,
): OwnedFlows<Flow> {
  const owners = new Map<Flow, MacPair>();
  let leftOver = false;
  for (const { list, flows } of fetched) {
    const slots = new Set(list.slots);
    const macs = { in: list.in, out: list.out };
    if (flows === undefined) {
      for (const [flow, { in: mac }] of held) {
        if (mac !== macs.in || !slots.has(slotOf(flow))) continue;
        owners.set(flow, macs);
        leftOver = true;
      }
    } else for (const [flow, slot] of flows) if (slots.has(slot)) owners.set(flow, macs);
  }
  return { owners, leftOver };
}
