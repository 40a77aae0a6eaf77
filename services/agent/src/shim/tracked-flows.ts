/**
 * Flows that the function's connection tracking has and a full `known` could not take, as keys of the shim. Pure.
 * Who of the two ends is the client is not told: a flow stands for each end whose slot had one that found no room.
 */
import { parseAddress, slotCount } from "@weft/schemas";
import type { Flow } from "@weft/schemas";
import { flowText } from "./flow-text.ts";

export interface Unrecorded {
  /** Of clients: low bits of their addresses. */
  readonly slots: ReadonlySet<number>;
  /** Addresses of the shard and of its probe's hosts: no flow of theirs is anybody's. */
  readonly self: ReadonlySet<string>;
}

const tuplePattern = /src=(\S+) dst=(\S+) (?:sport=(\d+) dport=(\d+) )?/g;

/** Reads `conntrack --dump`: each line has the flow as it began and as its answers come, which differ where the function rewrites. */
export function trackedFlows(listing: string, { slots, self }: Unrecorded): Flow[] {
  const found = new Map<string, Flow>();
  for (const line of listing.split("\n")) {
    const protocol = Number(/^\S+\s+(\d+)/.exec(line)?.[1]);
    for (const [, source = "", target = "", from = "0", to = "0"] of `${line} `.matchAll(tuplePattern)) {
      if (self.has(source) || self.has(target)) continue;
      const ends: Flow[] = [
        [source, target, protocol, Number(from), Number(to)],
        [target, source, protocol, Number(to), Number(from)],
      ];
      for (const flow of ends) if (slots.has(slotOf(flow[0]))) found.set(flowText(flow), flow);
    }
  }
  return [...found.values()];
}

function slotOf(address: string): number {
  return Number(parseAddress(address).value & BigInt(slotCount - 1));
}
