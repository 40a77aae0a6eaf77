/**
 * Who owns which flow, as the maps `owner` and `inner` hold it, and what must change from one such state to another. Pure.
 * nft refuses to add a key that is there with another MAC, and to delete one that is not: either would undo the whole batch.
 */
import type { MacPair } from "@weft/decide";
import { flowOf, quotedBy } from "./flow-text.ts";
import type { SideName } from "./ruleset/shape.ts";

/** By the flow's text: the MACs of the shard that owns it. */
export type Owners = ReadonlyMap<string, MacPair>;

export interface Entry {
  readonly key: string;
  readonly mac: string;
}
export interface SideChange {
  readonly side: SideName;
  readonly owner: MapChange;
  readonly inner: MapChange;
}
export interface MapChange {
  /** Keys; deleted ahead of what is added. */
  readonly gone: readonly string[];
  readonly come: readonly Entry[];
}

/** What one batch may hold, counted in entries of one map. */
export const batchSize = 5_000;

/** The changes of one family at one side. */
export function changeOf(before: Owners, after: Owners, side: SideName): SideChange {
  return {
    side,
    owner: diff(macsOf(before, side), macsOf(after, side)),
    inner: diff(quotesOf(before, side), quotesOf(after, side)),
  };
}

function macsOf(owners: Owners, side: SideName): ReadonlyMap<string, string> {
  return new Map([...owners].map(([key, macs]) => [key, macs[side]]));
}

/** Two flows that differ in their protocol alone are quoted alike: the lower protocol has the say. */
function quotesOf(owners: Owners, side: SideName): ReadonlyMap<string, string> {
  const found = new Map<string, { readonly mac: string; readonly protocol: number }>();
  for (const [key, macs] of owners) {
    const flow = flowOf(key);
    const quoted = quotedBy(flow, side);
    if (quoted === undefined) continue;
    const known = found.get(quoted);
    if (known === undefined || flow[2] < known.protocol)
      found.set(quoted, { mac: macs[side], protocol: flow[2] });
  }
  return new Map([...found].map(([quoted, { mac }]) => [quoted, mac]));
}

function diff(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): MapChange {
  return {
    gone: [...before].flatMap(([key, mac]) => (after.get(key) === mac ? [] : [key])),
    come: [...after].flatMap(([key, mac]) => (before.get(key) === mac ? [] : [{ key, mac }])),
  };
}
