/** What the agent writes into a shim's maps, as text for `nft -f`: each text is one transaction. Pure. */
import type { MacPair } from "@weft/decide";
import { WeftError } from "@weft/schemas";
import type { Affinity, Family, Flow } from "@weft/schemas";
import { batchSize, changeOf } from "./entries.ts";
import type { Entry, MapChange, Owners } from "./entries.ts";
import { familyOf, flowText } from "./flow-text.ts";
import { gateOpened } from "./ruleset/gate.ts";
import { families, mapName, portMapName, setName, shimTable, sideNames } from "./ruleset/shape.ts";

/** To whom unknown flows of a slot are handed on. */
export type SlotWays = ReadonlyMap<number, MacPair>;
export interface Ways {
  readonly next: SlotWays;
  readonly prev: SlotWays;
}
/** What is written with them. */
export interface WaysOrder {
  readonly affinity: Affinity;
  /** The namespace's gate is closed: with these ways it opens. */
  readonly waiting: boolean;
}

/**
 * Both maps whole: emptied and filled in one transaction, since a key that is there with another MAC would be refused. A slot is
 * the same number for every family, and for ports where they choose the shard.
 */
export function waysText(ways: Ways, { affinity, waiting }: WaysOrder): string {
  const statements = (["next", "prev"] as const).flatMap((map) =>
    sideNames.flatMap((side) => [
      ...families.flatMap((family) =>
        wholeMap(
          mapName(map, family, side),
          slotElements(ways[map], side, (slot) => slotAddress(slot, family)),
        ),
      ),
      ...(affinity === "connection"
        ? wholeMap(
            portMapName(map, side),
            slotElements(ways[map], side, (slot) => String(slot << 1)),
          )
        : []),
    ]),
  );
  return statements.join("") + (waiting ? gateOpened : "");
}

function slotAddress(slot: number, family: Family): string {
  return family === 4 ? `0.0.0.${slot}` : `::${slot.toString(16)}`;
}

function slotElements(ways: SlotWays, side: keyof MacPair, key: (slot: number) => string): Entry[] {
  return [...ways].map(([slot, macs]) => ({ key: key(slot), mac: macs[side] }));
}

function wholeMap(map: string, elements: readonly Entry[]): string[] {
  return [`flush map netdev ${shimTable} ${map}\n`, ...added(map, elements)];
}

/** Batches that, one after the other, make `owner` and `inner` hold what they shall. Deletions come first, all of them. */
export function ownerTexts(before: Owners, after: Owners): string[] {
  const changes = families.flatMap((family) => {
    const [had, has] = [ofFamily(before, family), ofFamily(after, family)];
    return sideNames.flatMap((side) => {
      const { owner, inner } = changeOf(had, has, side);
      return [
        { map: mapName("owner", family, side), change: owner },
        { map: mapName("inner", family, side), change: inner },
      ];
    });
  });
  return [...batches(changes, ({ gone }) => gone, deleted), ...batches(changes, ({ come }) => come, added)];
}

/** One that is known already keeps its own time. */
export function knownTexts(flows: readonly { readonly flow: Flow; readonly seconds: number }[]): string[] {
  return Array.from({ length: Math.ceil(flows.length / batchSize) }, (_, nth) => {
    const part = flows.slice(nth * batchSize, (nth + 1) * batchSize);
    const byFamily = Map.groupBy(part, ({ flow }) => familyOf(flow));
    return [...byFamily]
      .map(([family, each]) => {
        const elements = each.map(({ flow, seconds }) => `${checked(flowText(flow))} timeout ${seconds}s`);
        return `add element netdev ${shimTable} ${setName("known", family)} { ${elements.join(", ")} }\n`;
      })
      .join("");
  });
}

interface OfMap {
  readonly map: string;
  readonly change: MapChange;
}

/** The nth batch has the nth part of every map. */
function batches<T>(
  changes: readonly OfMap[],
  partOf: (change: MapChange) => readonly T[],
  text: (map: string, part: readonly T[]) => string[],
): string[] {
  const longest = Math.max(0, ...changes.map(({ change }) => partOf(change).length));
  return Array.from({ length: Math.ceil(longest / batchSize) }, (_, nth) =>
    changes
      .flatMap(({ map, change }) => text(map, partOf(change).slice(nth * batchSize, (nth + 1) * batchSize)))
      .join(""),
  );
}

function ofFamily(owners: Owners, family: Family): Owners {
  return new Map([...owners].filter(([key]) => key.includes(":") === (family === 6)));
}

function added(map: string, elements: readonly Entry[]): string[] {
  const list = elements.map(({ key, mac }) => `${checked(key)} : ${checked(mac)}`);
  return list.length === 0 ? [] : [`add element netdev ${shimTable} ${map} { ${list.join(", ")} }\n`];
}

function deleted(map: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  return [`delete element netdev ${shimTable} ${map} { ${keys.map(checked).join(", ")} }\n`];
}

/** Lists come over the bus: nothing but addresses and numbers may get into the text. */
function checked(text: string): string {
  if (!/^[0-9a-fx.: ]+$/.test(text)) throw new WeftError("internal", `not an element of a shim: ${text}.`);
  return text;
}
