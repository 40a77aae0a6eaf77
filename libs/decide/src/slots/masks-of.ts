/** Masks: each owner's slots as few (value, mask) pairs over the 8 bits of a slot, the largest taken first. */
import { cubesBySize } from "./cube.ts";

const largestFirst = cubesBySize.flat();

export interface SlotMask {
  readonly owner: string;
  readonly value: number;
  /** Bits that must equal `value`: 0x03 for a quarter of the slots, 0xff for one, 0 for all. */
  readonly mask: number;
}

/** Sorted by owner, then by mask and value; each slot is in one. Never more than 256; slots that nobody owns have none. */
export function masksOf(owners: readonly (string | null)[]): SlotMask[] {
  const rest = [...owners];
  let left = rest.filter((owner) => owner !== null).length;
  const found: SlotMask[] = [];
  for (const { mask, value, slots } of largestFirst) {
    if (left === 0) break; // the small cubes, nearly all of the 6,561, are seldom asked
    const owner = rest[value] ?? null;
    if (owner === null || !slots.every((slot) => rest[slot] === owner)) continue;
    for (const slot of slots) rest[slot] = null;
    left -= slots.length;
    found.push({ owner, value, mask });
  }
  return found.toSorted((a, b) => compare(a.owner, b.owner) || a.mask - b.mask || a.value - b.value);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
