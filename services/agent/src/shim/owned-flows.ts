/** The content of `owner`: put together from the lists of the stream. Pure. */
import type { WantedList } from "@weft/decide";
import { slotOfFlow } from "@weft/decide";
import type { Affinity, Flow } from "@weft/schemas";
import type { Owners } from "./entries.ts";
import { flowOf, flowText } from "./flow-text.ts";

export interface FetchedList {
  readonly list: WantedList;
  /** Undefined: the stream does not have it, or not whole. */
  readonly flows: readonly Flow[] | undefined;
}

export interface OwnedFlows {
  readonly owners: Owners;
  /** Some of them stay without their list: should it never come, they must go with it. */
  readonly leftOver: boolean;
}

/** Of a flow in two lists the later one counts. Of a list that is not to be had, what is there already stays. */
export function ownersOf(fetched: readonly FetchedList[], held: Owners, affinity: Affinity): OwnedFlows {
  const owners = new Map<string, { readonly in: string; readonly out: string }>();
  let leftOver = false;
  for (const { list, flows } of fetched) {
    const slots = new Set(list.slots);
    const macs = { in: list.in, out: list.out };
    if (flows === undefined) {
      for (const [key, { in: mac }] of held) {
        if (mac !== macs.in || !slots.has(slotOfFlow(affinity, flowOf(key)))) continue;
        owners.set(key, macs);
        leftOver = true;
      }
    } else
      for (const flow of flows) if (slots.has(slotOfFlow(affinity, flow))) owners.set(flowText(flow), macs);
  }
  return { owners, leftOver };
}
