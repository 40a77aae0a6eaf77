import type { ShimRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { forgottenAlready, isUntouched, waitsForSteering } from "./first-sight.ts";
import { idleShim } from "./idle-shim.test-kit.ts";
import type { WantedShim } from "./wanted-shim.ts";

const macs = { in: "in-3", out: "out-3" };
const idle = idleShim(macs);
const about = { namespaceInode: 7 };
const told = (change: Partial<ShimRecord> = {}): ShimRecord => ({
  tenant: "demo",
  group: "fw",
  shard: "fw-0",
  node: "node-1",
  placementUid: "uid",
  namespaceInode: 7,
  flowsAtLeast: 0,
  handoffs: [],
  ...change,
});

describe("a namespace that nobody has looked into", () => {
  it("is untouched when its record is another one's, or when there is neither record nor slots", () => {
    expect(isUntouched({ about, slotsKnown: true, told: told({ namespaceInode: 6 }) })).toBe(true);
    expect(isUntouched({ about, slotsKnown: false, told: undefined })).toBe(true);
  });

  it("may have been written to when the record is its own, or may have been lost", () => {
    expect(isUntouched({ about, slotsKnown: true, told: told() })).toBe(false);
    expect(isUntouched({ about, slotsKnown: true, told: undefined })).toBe(false);
  });
});

describe("what was forgotten already", () => {
  const forget = [3, 4].map((handoff) => ({ handoff, slots: [1] }));
  const wanted = { ...idle, forget };
  const reached = (state: "drained" | "draining") => told({ handoffs: [{ id: 3, reached: state }] });

  it("is what the record says, also that of the namespace before: it may have been given slots since", () => {
    expect(forgottenAlready({ wanted, told: reached("drained") })).toEqual([3]);
    expect(forgottenAlready({ wanted, told: { ...reached("drained"), namespaceInode: 6 } })).toEqual([3]);
    expect(forgottenAlready({ wanted, told: reached("draining") })).toEqual([]);
  });

  it("is nothing of a namespace of which nothing was told yet: it may know flows all the same", () => {
    expect(forgottenAlready({ wanted, told: undefined })).toEqual([]);
    expect(forgottenAlready({ wanted, told: told({ namespaceInode: 6 }) })).toEqual([]);
  });
});

describe("a namespace that is wired", () => {
  it("lets packets pass at once where nothing is to be steered", () => {
    expect(waitsForSteering(idle)).toBe(false);
  });

  it.each<[string, Partial<WantedShim>]>([
    ["slots are given", { next: new Map([[1, macs]]) }],
    ["slots are received", { prev: new Map([[1, macs]]) }],
    [
      "flows are another's",
      { lists: [{ handoff: 3, giver: "fw-1", placementUid: "u", slots: [1], ...macs }] },
    ],
  ])("waits where %s", (_, part) => {
    expect(waitsForSteering({ ...idle, ...part })).toBe(true);
  });
});
