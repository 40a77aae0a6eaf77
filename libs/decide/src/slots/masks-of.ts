/** Masks: each owner's slots as the fewest (value, mask) pairs over the 8 bits of a slot. */
import { slotCount } from "@weft/schemas";
import { blocksOf } from "./block.ts";

export interface SlotMask {
  readonly owner: string;
  readonly value: number;
  /** Low bits that must equal `value`: 0x03 for a quarter of the slots, 0xff for one, 0 for all. */
  readonly mask: number;
}

/** Sorted by owner, then in bit-reversed order. Never more than 256; slots that nobody owns have none. */
export function masksOf(owners: readonly (string | null)[]): SlotMask[] {
  const names = [...new Set(owners.slice(0, slotCount))].filter((owner) => owner !== null).toSorted();
  return names.flatMap((owner) =>
    blocksOf((slot) => owners[slot] === owner).map(({ bits, value }) => ({
      owner,
      value,
      mask: 2 ** bits - 1,
    })),
  );
}
