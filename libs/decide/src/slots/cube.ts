/**
 * Cubes: the slots that have given bits in common, so one (value, mask) pair. There are 6,561 of them, of 1 to 256 slots.
 * Of one size those that fix low bits come first: neighbouring addresses then lie in different cubes.
 */
import { slotCount } from "@weft/schemas";

export interface Cube {
  /** The bits that its slots have in common. */
  readonly mask: number;
  /** What those bits are. */
  readonly value: number;
  /** Ascending. */
  readonly slots: readonly number[];
}

const slotBits = Math.log2(slotCount);
const everyBit = slotCount - 1;
export const bits: readonly number[] = Array.from({ length: slotBits }, (_, bit) => 1 << bit);

/** By size, the largest first: a list for each number of fixed bits. */
export const cubesBySize: readonly (readonly Cube[])[] = Array.from({ length: slotBits + 1 }, (_, fixed) =>
  subsetsOf(everyBit)
    .filter((mask) => bits.filter((bit) => (mask & bit) !== 0).length === fixed)
    .flatMap((mask) => subsetsOf(mask).map((value) => ({ mask, value, slots: slotsOf(mask, value) }))),
);

function slotsOf(mask: number, value: number): number[] {
  return subsetsOf(everyBit & ~mask).map((free) => value | free);
}

/** All numbers whose bits are among these, ascending. */
function subsetsOf(among: number): number[] {
  const subsets = [0];
  for (const bit of bits) if ((among & bit) !== 0) subsets.push(...subsets.map((subset) => subset | bit));
  return subsets;
}
