/**
 * Blocks: the slots whose low `bits` bits are `value`, so one (value, mask) pair. A block splits in two by its next bit.
 * Splitting by low bits first is the bit-reversed order: neighbouring addresses lie in different blocks.
 */
import { slotCount } from "@weft/schemas";

export interface Block {
  /** How many low bits are fixed: 0 is every slot, 8 a single one. */
  readonly bits: number;
  readonly value: number;
}

/** Bits of a slot. */
export const slotBits = Math.log2(slotCount);
export const everySlot: Block = { bits: 0, value: 0 };

export function sizeOf({ bits }: Block): number {
  return slotCount >> bits;
}

export function halvesOf({ bits, value }: Block): [Block, Block] {
  return [
    { bits: bits + 1, value },
    { bits: bits + 1, value: value | (1 << bits) },
  ];
}

/** The other half of the block that this one is a half of; undefined for the whole. */
export function siblingOf({ bits, value }: Block): Block | undefined {
  return bits === 0 ? undefined : { bits, value: value ^ (1 << (bits - 1)) };
}

export function slotsOf({ bits, value }: Block): number[] {
  return Array.from({ length: slotCount >> bits }, (_, index) => value | (index << bits));
}

/** The fewest blocks that hold exactly the slots for which `belongs` is true, in bit-reversed order. */
export function blocksOf(belongs: (slot: number) => boolean, within: Block = everySlot): Block[] {
  if (within.bits === slotBits) return belongs(within.value) ? [within] : [];
  const [low, high] = halvesOf(within);
  const parts = [...blocksOf(belongs, low), ...blocksOf(belongs, high)];
  return parts.length === 2 && parts.every(({ bits }) => bits === within.bits + 1) ? [within] : parts;
}
