import { describe, expect, it } from "vitest";
import { ownersOf } from "./owned-flows.ts";
import type { WantedList } from "./wanted-shim.ts";

const macs = (last: string) => ({ in: `in-${last}`, out: `out-${last}` });
const list = (handoff: number, last: string, slots: number[]): WantedList => ({
  handoff,
  giver: `fw-${last}`,
  placementUid: `uid-${last}`,
  slots,
  ...macs(last),
});
/** A flow is called after its slot. */
const named = (...slots: number[]) => slots.map((slot) => [`flow ${slot}`, slot] as const);
const slotOf = (flow: string) => Number(flow.slice("flow ".length));

describe("flows that other shards own", () => {
  it("are those of the lists, of the slots that are asked for, the later list's in doubt", () => {
    const fetched = [
      { list: list(1, "01", [5, 6]), flows: named(5, 6, 7) },
      { list: list(2, "02", [6]), flows: named(6) },
    ];
    const { owners, leftOver } = ownersOf(fetched, new Map([["flow 9", macs("01")]]), slotOf);
    expect(owners).toEqual(
      new Map([
        ["flow 5", macs("01")],
        ["flow 6", macs("02")],
      ]),
    );
    expect(leftOver).toBe(false);
  });

  it("stay while their list is not to be had, and are known to have none", () => {
    const held = new Map([
      ["flow 5", macs("01")],
      ["flow 6", macs("02")],
    ]);
    const fetched = [{ list: list(1, "01", [5]), flows: undefined }];
    expect(ownersOf(fetched, held, slotOf)).toEqual({
      owners: new Map([["flow 5", macs("01")]]),
      leftOver: true,
    });
    expect(ownersOf(fetched, new Map<string, never>(), slotOf).leftOver).toBe(false);
  });
});
