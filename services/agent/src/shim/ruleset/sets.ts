/** The sets and maps of a shim. Loaded again they stay as they are, with all that is in them; `self` alone is filled anew. */
import { parseAddress, slotCount } from "@weft/schemas";
import type { Family } from "@weft/schemas";
import { addressType, flowType, fragmentKey, quotedHeader } from "./match.ts";
import { families, mapName, portMapName, setName, shimCounters, shimTable } from "./shape.ts";
import type { ShimShape, SideName } from "./shape.ts";

/** Later fragments follow their first one within moments. */
const fragmentSeconds = 30;
const fragmentsAtOnce = 65_536;

/** Ahead of the table's block: what `self` held before must go. */
export function emptiedSelf(): string[] {
  return families.flatMap((family) => {
    const name = `netdev ${shimTable} ${setName("self", family)}`;
    return [`add set ${name} { type ${addressType[family]}; }`, `flush set ${name}`];
  });
}

export function declarations(shape: ShimShape): string[] {
  return [
    ...shimCounters.map((name) => `counter ${name} { }`),
    ...families.flatMap((family) => [
      selfSet(shape, family),
      `set ${setName("known", family)} { ${flowSet(family, shape)} }`,
      `set ${setName("closing", family)} { ${flowSet(family, shape)} }`,
      `set ${setName("unrecorded", family)} { type ${addressType[family]}; flags dynamic; size ${slotCount}; }`,
    ]),
    ...shape.sides.flatMap(({ name }) => [
      ...families.flatMap((family) => sideMaps(family, name)),
      ...(shape.affinity === "connection" ? portMaps(name) : []),
    ]),
  ];
}

function selfSet({ self }: ShimShape, family: Family): string {
  const own = self.filter((address) => parseAddress(address).family === family);
  const elements = own.length === 0 ? "" : ` elements = { ${own.join(", ")} };`;
  return `set ${setName("self", family)} { type ${addressType[family]};${elements} }`;
}

/** Each element has a time of its own. */
function flowSet(family: Family, { size }: ShimShape): string {
  return `type ${flowType(family)}; flags dynamic,timeout; size ${size};`;
}

/** What the agent writes has no bound of its own: a list is as long as another shard's `known`. */
function sideMaps(family: Family, side: SideName): string[] {
  const slots = `type ${addressType[family]} : ether_addr;`;
  return [
    `map ${mapName("owner", family, side)} { type ${flowType(family)} : ether_addr; }`,
    // A `typeof` ends with its line.
    `map ${mapName("inner", family, side)} { typeof ${quotedHeader[family]} : ether daddr\n }`,
    `map ${mapName("next", family, side)} { ${slots} }`,
    `map ${mapName("prev", family, side)} { ${slots} }`,
    `map ${mapName("frag", family, side)} { typeof ${fragmentKey[family]} : ether daddr\n ` +
      `flags dynamic,timeout; timeout ${fragmentSeconds}s; size ${fragmentsAtOnce}; }`,
  ];
}

function portMaps(side: SideName): string[] {
  return (["next", "prev"] as const).map(
    (map) => `map ${portMapName(map, side)} { type inet_service : ether_addr; }`,
  );
}
