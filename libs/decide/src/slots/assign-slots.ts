/**
 * Assigns the 256 slots to the shards that may have them: as few move as balance allows, in cubes as large as can be, since each
 * cube is one policy of the network. Reads who owned them so far and who may; order of input is irrelevant. Which shards may is
 * left to stitch/.
 */
import { slotCount } from "@weft/schemas";
import type { Cube } from "./cube.ts";
import { bits, cubesBySize } from "./cube.ts";

export type Owners = readonly (string | null)[];

export interface EligibleShard {
  readonly name: string;
  readonly index: number;
}

/** What is still to be handed over: free slots and what givers have too much of go to receivers. */
interface Ledger {
  readonly owners: (string | null)[];
  /** Of each shard that owns more than its share. */
  readonly surplus: Map<string, number>;
  /** Of each shard that owns less. */
  readonly missing: Map<string, number>;
  readonly isFixed: IsFixed;
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
  const ledger = { owners, ...imbalanceOf(owners, targets), isFixed };
  for (const cubes of cubesBySize) handOverAll(cubes, ledger);
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

function imbalanceOf(
  owners: Owners,
  targets: ReadonlyMap<string, number>,
): Pick<Ledger, "surplus" | "missing"> {
  const more = [...targets].map(([name, target]) => [name, countOf(owners, name) - target] as const);
  return {
    surplus: new Map(more.filter(([, count]) => count > 0)),
    missing: new Map(more.filter(([, count]) => count < 0).map(([name, count]) => [name, -count])),
  };
}

/** Those of one size that may change hands whole, first the one that tears the least out of its givers' cubes. */
function handOverAll(cubes: readonly Cube[], ledger: Ledger): void {
  const size = cubes[0]?.slots.length ?? 0;
  let possible = cubes;
  while (Math.max(0, ...ledger.missing.values()) >= size) {
    // What may not go now never may: nobody's surplus grows.
    possible = possible.filter((cube) => mayGo(cube, ledger));
    const [first] = possible;
    if (first === undefined) return;
    const best = { cube: first, torn: tornBy(first, ledger) };
    for (const cube of possible.slice(1)) {
      const torn = tornBy(cube, ledger);
      if (torn < best.torn) Object.assign(best, { cube, torn });
    }
    handOver(best.cube, ledger);
  }
}

function mayGo({ slots }: Cube, { owners, surplus, isFixed }: Ledger): boolean {
  const given = new Map<string, number>();
  return slots.every((slot) => {
    const owner = owners[slot] ?? null;
    if (owner === null) return true;
    const most = surplus.get(owner) ?? 0;
    if (most === 0 || isFixed(slot)) return false;
    const count = (given.get(owner) ?? 0) + 1;
    given.set(owner, count);
    return count <= most;
  });
}

/** Pairs of neighbours that one giver owned until now. */
function tornBy({ slots }: Cube, { owners }: Ledger): number {
  return slots.reduce((torn, slot) => {
    const owner = owners[slot] ?? null;
    return owner === null ? torn : torn + bits.filter((bit) => owners[slot ^ bit] === owner).length;
  }, 0);
}

function handOver(cube: Cube, ledger: Ledger): void {
  const { owners, surplus, missing } = ledger;
  const receiver = receiverOf(cube, ledger);
  for (const slot of cube.slots) {
    const giver = owners[slot] ?? null;
    if (giver !== null) surplus.set(giver, (surplus.get(giver) ?? 0) - 1);
    owners[slot] = receiver;
  }
  missing.set(receiver, (missing.get(receiver) ?? 0) - cube.slots.length);
}

/** Who takes it whole: whoever has the most cubes beside it that it merges with, else whoever misses the most. */
function receiverOf(cube: Cube, { owners, missing }: Ledger): string {
  const able = [...missing].filter(([, count]) => count >= cube.slots.length);
  const beside = (name: string) =>
    bits.filter((bit) => (cube.mask & bit) !== 0 && cube.slots.every((slot) => owners[slot ^ bit] === name));
  const [best = ""] = able
    .map(([name, count]) => ({ name, count, beside: beside(name).length }))
    .toSorted((a, b) => b.beside - a.beside || b.count - a.count)
    .map(({ name }) => name);
  return best;
}

function countOf(owners: Owners, name: string): number {
  let count = 0;
  for (const owner of owners) if (owner === name) count += 1;
  return count;
}
