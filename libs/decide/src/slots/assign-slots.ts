/**
 * Assigns the 256 slots to the shards that may have them: as few move as balance allows, in blocks as large as can be.
 * Reads who owned them so far and who may; order of input is irrelevant. Which shards may is left to stitch/.
 */
import { slotCount } from "@weft/schemas";
import type { Block } from "./block.ts";
import { blocksOf, halvesOf, siblingOf, sizeOf, slotsOf } from "./block.ts";

export type Owners = readonly (string | null)[];

export interface EligibleShard {
  readonly name: string;
  readonly index: number;
}

/** Slots that must not move now; whoever has them keeps them, also one that may have no others. */
type IsFixed = (slot: number) => boolean;

/** 256 names. Without an eligible shard the owners stay as they were. */
export function assignSlots(
  previous: Owners,
  eligible: readonly EligibleShard[],
  isFixed: IsFixed = () => false,
): (string | null)[] {
  const owners = Array.from({ length: slotCount }, (_, slot) => previous[slot] ?? null);
  if (eligible.length === 0) return owners;
  const names = eligible.toSorted((a, b) => a.index - b.index).map(({ name }) => name);
  const targets = targetsOf(owners, names, isFixed);
  const known = new Set(names);
  owners.forEach((owner, slot) => {
    if (owner !== null && !known.has(owner) && !isFixed(slot)) owners[slot] = null;
  });
  for (const name of names) takeSurplus(owners, { name, target: targets.get(name) ?? 0, isFixed });
  giveFree(owners, names, targets);
  return owners;
}

/**
 * Equal shares; where they do not divide evenly, one more for those that have the most already. Whoever holds more fixed
 * slots than its share has just those, and the others share the rest.
 */
function targetsOf(owners: Owners, names: readonly string[], isFixed: IsFixed): Map<string, number> {
  const known = new Set(names);
  const fixed = owners.map((owner, slot) => (isFixed(slot) ? owner : null));
  const targets = new Map<string, number>();
  let sharing = [...names];
  let left = slotCount - fixed.filter((owner) => owner !== null && !known.has(owner)).length;
  for (;;) {
    const share = Math.floor(left / sharing.length);
    const burdened = sharing.find((name) => countOf(fixed, name) > share);
    if (burdened === undefined || sharing.length === 1) break;
    targets.set(burdened, countOf(fixed, burdened));
    left -= countOf(fixed, burdened);
    sharing = sharing.filter((name) => name !== burdened);
  }
  const share = Math.floor(left / sharing.length);
  const extra = left % sharing.length;
  const held = new Map(sharing.map((name) => [name, countOf(owners, name)]));
  const richest = sharing.toSorted((a, b) => (held.get(b) ?? 0) - (held.get(a) ?? 0));
  richest.forEach((name, rank) => targets.set(name, share + (rank < extra ? 1 : 0)));
  return targets;
}

interface Giver {
  readonly name: string;
  readonly target: number;
  readonly isFixed: IsFixed;
}

/** Frees what a shard has too much of: blocks that fit whole before a part of a larger one, so large ones stay whole. */
function takeSurplus(owners: (string | null)[], giver: Giver): void {
  let surplus = countOf(owners, giver.name) - giver.target;
  while (surplus > 0) {
    const block = giveaway(owners, giver, surplus);
    if (block === undefined) return;
    for (const slot of slotsOf(block)) owners[slot] = null;
    surplus -= sizeOf(block);
  }
}

/** Best is a block beside one that is free already: the two are given on in one piece. */
function giveaway(owners: Owners, { name, isFixed }: Giver, surplus: number): Block | undefined {
  const blocks = blocksOf((slot) => owners[slot] === name && !isFixed(slot)).toSorted(
    (a, b) => sizeOf(a) - sizeOf(b),
  );
  const fitting = blocks.filter((block) => sizeOf(block) <= surplus);
  const beside = fitting.find((block) => isFree(owners, siblingOf(block)));
  let block = beside ?? fitting.at(-1) ?? blocks[0];
  while (block !== undefined && sizeOf(block) > surplus) {
    const [low, high] = halvesOf(block);
    block = isFree(owners, siblingOf(low)) ? low : high;
  }
  return block;
}

function isFree(owners: Owners, block: Block | undefined): boolean {
  return block !== undefined && slotsOf(block).every((slot) => owners[slot] === null);
}

interface Receiver {
  readonly name: string;
  missing: number;
}

/** Gives the free blocks away, the largest first; one that is too large for everybody is cut in half. */
function giveFree(
  owners: (string | null)[],
  names: readonly string[],
  targets: ReadonlyMap<string, number>,
): void {
  const receivers = names
    .map((name): Receiver => ({ name, missing: (targets.get(name) ?? 0) - countOf(owners, name) }))
    .filter(({ missing }) => missing > 0);
  const free = blocksOf((slot) => owners[slot] === null);
  for (let block = largest(free); block !== undefined; block = largest(free)) {
    const receiver = receiverOf(block, receivers, owners);
    if (receiver === undefined) {
      free.push(...halvesOf(block));
      continue;
    }
    for (const slot of slotsOf(block)) owners[slot] = receiver.name;
    receiver.missing -= sizeOf(block);
  }
}

/** Takes the largest block off the list, of equals the one with the lowest value. */
function largest(free: Block[]): Block | undefined {
  free.sort((a, b) => a.bits - b.bits || a.value - b.value);
  return free.shift();
}

/** Who takes a block whole: whoever has the other half of its pair, else whoever misses the most. */
function receiverOf(block: Block, receivers: readonly Receiver[], owners: Owners): Receiver | undefined {
  const able = receivers.filter(({ missing }) => missing >= sizeOf(block));
  const sibling = siblingOf(block);
  const pair =
    sibling === undefined
      ? undefined
      : able.find(({ name }) => slotsOf(sibling).every((slot) => owners[slot] === name));
  return pair ?? able.toSorted((a, b) => b.missing - a.missing)[0];
}

function countOf(owners: Owners, name: string): number {
  return owners.reduce((count, owner) => (owner === name ? count + 1 : count), 0);
}
