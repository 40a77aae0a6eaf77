import { describe, expect, it } from "vitest";
import { seenTwice } from "./seen-twice.ts";

/** What two shards track of one flow, at either look; undefined: nothing. */
function looks(flow: string, old: readonly (number | undefined)[], fresh: readonly (number | undefined)[]) {
  const at = (look: 0 | 1) =>
    new Map(
      [["old", old[look]] as const, ["fresh", fresh[look]] as const].map(([shard, seconds]) => [
        shard,
        new Map(seconds === undefined ? [] : [[flow, seconds]]),
      ]),
    );
  return seenTwice(at(0), at(1));
}

describe("a flow that two shards track", () => {
  it.each([
    ["a connection, also one that is silent", "tcp a", [7_400, 7_396], [7_500, 7_496], ["tcp a"]],
    ["datagrams that pass both", "udp a", [119, 119], [118, 120], ["udp a"]],
    ["datagrams that pass another one since", "udp a", [119, 118], [undefined, 29], ["udp a"]],
    ["datagrams that passed the old one once", "udp a", [90, 86], [119, 119], []],
    ["datagrams that pass nobody any more", "udp a", [90, 86], [80, 77], []],
    ["a connection that the old one forgot meanwhile", "tcp a", [3, undefined], [7_500, 7_500], []],
  ])("%s", (_, flow, old, fresh, twice) => {
    expect(looks(flow, old, fresh).twice).toEqual(twice);
  });

  it("is compared once, by what passes", () => {
    expect(looks("udp a", [90, 86], [119, 119]).compared).toEqual({ tcp: 0, udp: 1 });
    expect(looks("udp a", [90, 86], [80, 76]).compared).toEqual({ tcp: 0, udp: 0 });
  });
});
