/** Tables and properties of the assignment of slots and of its masks. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EligibleShard } from "./assign-slots.ts";
import { assignSlots } from "./assign-slots.ts";
import { masksOf } from "./masks-of.ts";

const shards = (count: number): EligibleShard[] =>
  Array.from({ length: count }, (_, index) => ({ name: `fw-${index}`, index }));
const moved = (before: readonly (string | null)[], after: readonly (string | null)[]) =>
  after.filter((owner, slot) => owner !== before[slot]).length;
const sizes = (owners: readonly (string | null)[]) => {
  const counts = new Map<string | null, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
};
function grown(steps: readonly number[]): (string | null)[] {
  return steps.reduce<(string | null)[]>((owners, count) => assignSlots(owners, shards(count)), []);
}
function busiestOf40(owners: readonly (string | null)[]): number {
  return Math.max(
    ...Array.from({ length: 256 }, (_, first) => {
      const clients = Array.from({ length: 40 }, (_, nth) => owners[(first + nth) % 256] ?? null);
      return Math.max(...sizes(clients).values());
    }),
  );
}

describe("a group that starts", () => {
  it("gives four shards the clients that end in 0, 1, 2 and 3 of four", () => {
    expect(grown([4])).toEqual(Array.from({ length: 256 }, (_, slot) => `fw-${slot & 3}`));
    expect(masksOf(grown([4]))).toEqual(
      [0, 1, 2, 3].map((value) => ({ owner: `fw-${value}`, value, mask: 3 })),
    );
  });

  it.each([[[4]], [[1, 4]], [[1, 2, 3, 4]]])("spreads 40 neighbours over four shards after %j", (steps) => {
    expect(busiestOf40(grown(steps)) / 10).toBeLessThanOrEqual(1.3);
  });

  it("has one mask for a single shard and none for nobody", () => {
    expect(masksOf(grown([1]))).toEqual([{ owner: "fw-0", value: 0, mask: 0 }]);
    expect(masksOf(assignSlots([], []))).toEqual([]);
  });
});

describe("a shard joins", () => {
  it("moves its share and nothing else, from 1 shard to 64", () => {
    let owners = grown([1]);
    for (let count = 2; count <= 64; count += 1) {
      const next = assignSlots(owners, shards(count));
      const change = moved(owners, next);
      expect([Math.floor(256 / count), Math.ceil(256 / count)]).toContain(change);
      expect(next.filter((owner) => owner === `fw-${count - 1}`)).toHaveLength(change);
      owners = next;
    }
  });

  it("needs no more than seven masks for any shard, at any number on the way from 1 to 32", () => {
    for (let count = 1; count <= 32; count += 1) {
      const masks = masksOf(grown(Array.from({ length: count }, (_, index) => index + 1)));
      expect(Math.max(...sizes(masks.map(({ owner }) => owner)).values())).toBeLessThanOrEqual(7);
    }
  });
});

describe("any history of joining and leaving", () => {
  const sets = fc.array(fc.uniqueArray(fc.nat(70), { minLength: 1, maxLength: 40 }), {
    minLength: 1,
    maxLength: 6,
  });
  const named = (indices: readonly number[]) => indices.map((index) => ({ name: `fw-${index}`, index }));

  it("stays balanced, moves no more than it must, and knows no order of input", () => {
    fc.assert(
      fc.property(sets, (history) => {
        let owners: (string | null)[] = [];
        for (const indices of history) {
          const next = assignSlots(owners, named(indices));
          const counts = named(indices).map(({ name }) => sizes(next).get(name) ?? 0);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(256);
          expect(assignSlots(owners, named(indices.toReversed()))).toEqual(next);
          expect(assignSlots(next, named(indices))).toEqual(next);
          expect(moved(owners, next)).toBe(leastMoves(owners, named(indices)));
          owners = next;
        }
      }),
      { numRuns: 60 },
    );
  });

  it("has masks that name each slot exactly once, 256 at most", () => {
    fc.assert(
      fc.property(sets, (history) => {
        const owners = history.reduce<(string | null)[]>((all, each) => assignSlots(all, named(each)), []);
        const masks = masksOf(owners);
        expect(masks.length).toBeLessThanOrEqual(256);
        owners.forEach((owner, slot) => {
          const hit = masks.filter(({ value, mask }) => (slot & mask) === value);
          expect(hit.map((mask) => mask.owner)).toEqual([owner]);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("moves no fixed slot, whoever has it", () => {
    const fixed = fc.uniqueArray(fc.nat(255), { maxLength: 200 });
    fc.assert(
      fc.property(sets, fixed, (history, slots) => {
        const before = history.reduce<(string | null)[]>((all, each) => assignSlots(all, named(each)), []);
        const stay = new Set(slots);
        const after = assignSlots(before, named([71, 72, 73]), (slot) => stay.has(slot));
        for (const slot of slots) expect(after[slot]).toBe(before[slot]);
        expect(after).not.toContain(null);
      }),
      { numRuns: 60 },
    );
  });

  /** Slots that nobody may keep, and what is above the fairest shares. */
  function leastMoves(owners: readonly (string | null)[], eligible: readonly EligibleShard[]): number {
    const held = eligible.map(({ name }) => sizes(owners).get(name) ?? 0).toSorted((a, b) => b - a);
    const share = Math.floor(256 / eligible.length);
    const extra = 256 % eligible.length;
    const kept = held.reduce((sum, count, rank) => sum + Math.min(count, share + (rank < extra ? 1 : 0)), 0);
    return 256 - kept;
  }
});

describe("a shard leaves", () => {
  it("gives its slots to the others evenly, and nothing else moves", () => {
    const before = grown([5]);
    const after = assignSlots(
      before,
      shards(5).filter(({ index }) => index !== 2),
    );
    expect(moved(before, after)).toBe(sizes(before).get("fw-2"));
    before.forEach((owner, slot) => {
      if (owner !== "fw-2") expect(after[slot]).toBe(owner);
    });
  });

  it("leaves the owners as they were when it was the last", () => {
    expect(assignSlots(grown([1]), [])).toEqual(grown([1]));
  });
});
