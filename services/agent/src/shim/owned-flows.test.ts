import type { WantedList } from "@weft/decide";
import type { Flow } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { flowText } from "./flow-text.ts";
import { ownersOf } from "./owned-flows.ts";

const flow = (client: number): Flow => [`10.1.0.${client}`, "10.2.0.1", 17, 4000, 53];
const text = (client: number) => flowText(flow(client));
const macs = (last: string) => ({ in: `0a:58:00:00:00:${last}`, out: `0a:58:00:00:01:${last}` });
const list = (handoff: number, last: string, slots: number[]): WantedList => ({
  handoff,
  giver: `fw-${last}`,
  placementUid: `uid-${last}`,
  slots,
  ...macs(last),
});

describe("flows that other shards own", () => {
  it("are those of the lists, of the slots that are asked for, the later list's in doubt", () => {
    const fetched = [
      { list: list(1, "01", [5, 6]), flows: [flow(5), flow(6), flow(7)] },
      { list: list(2, "02", [6]), flows: [flow(6)] },
    ];
    const { owners, leftOver } = ownersOf(fetched, new Map([[text(9), macs("01")]]), "client");
    expect(owners).toEqual(
      new Map([
        [text(5), macs("01")],
        [text(6), macs("02")],
      ]),
    );
    expect(leftOver).toBe(false);
  });

  it("stay while their list is not to be had, and are known to have none", () => {
    const held = new Map([
      [text(5), macs("01")],
      [text(6), macs("02")],
    ]);
    const fetched = [{ list: list(1, "01", [5]), flows: undefined }];
    expect(ownersOf(fetched, held, "client")).toEqual({
      owners: new Map([[text(5), macs("01")]]),
      leftOver: true,
    });
    expect(ownersOf(fetched, new Map(), "client").leftOver).toBe(false);
  });
});
