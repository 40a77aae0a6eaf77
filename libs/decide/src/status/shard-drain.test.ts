/** What a shard that leaves is said to wait for, from the records of a group of which it is one. */
import type { ShimProgress, SlotsRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { shardRows } from "./rows.ts";
import { World, shardKey, t0, t1 } from "./world.test-kit.ts";
import { statusWorld } from "./world.ts";

type Handoff = SlotsRecord["handoffs"][number];
const given = (id: number, part: Partial<Handoff> = {}): Handoff => ({
  id,
  from: "fw-1",
  to: "fw-0",
  fromGone: false,
  slots: [id, id + 100],
  phase: "drain",
  startedAt: t1,
  ...part,
});

/** fw-1 leaves, with these handoffs and what its shim says of them. */
function leaving(handoffs: readonly Handoff[], said: readonly ShimProgress[] = []): World {
  return World.ready()
    .change("placements", shardKey(1), { leaving: true, leavingSince: t0 })
    .slots(["fw-0"], 4, { handoffs: [...handoffs] })
    .put("shims", shardKey(1), { placementUid: "place-fw-1", handoffs: said });
}

function drains(world: World) {
  return shardRows("demo", statusWorld(world.records())).map(({ drain }) => drain);
}

describe("a shard that leaves waits", () => {
  const counted = (id: number, flows: number): ShimProgress => ({ id, reached: "draining", flows });

  it("for the flows of all its handoffs that are not over, until the group's drain ends", () => {
    const handoffs = [
      given(2),
      given(1),
      given(3, { phase: "done", flowsCut: 9 }),
      given(4, { from: "fw-0" }),
    ];
    const [stays, leaves] = drains(leaving(handoffs, [counted(1, 3), counted(2, 4), counted(3, 9)]));
    expect(stays).toBeNull();
    expect(leaves).toEqual({
      waitsFor: `7 flows in 4 slots, the oldest handed on at ${t1} and in drain, until 2026-01-01T00:10:00.000Z at most`,
      since: t0,
      deadline: "2026-01-01T00:10:00.000Z",
      owns: 0,
      slots: 4,
      flows: 7,
      oldest: { phase: "drain", startedAt: t1 },
    });
  });

  it.each<[string, World, RegExp]>([
    [
      "for flows that nobody has counted yet",
      leaving([given(1)]),
      /^flows that are not counted yet in 2 slots/,
    ],
    [
      "for flows that are listed and not yet counted, while others are",
      leaving(
        [given(1), given(2, { phase: "copy" })],
        [counted(1, 3), { id: 2, reached: "copied", flows: 5 }],
      ),
      /^flows that are not counted yet in 4 slots/,
    ],
    [
      "for no flows that an earlier shard of its name counted",
      leaving([given(1)], [counted(1, 3)]).change("shims", shardKey(1), { placementUid: "an earlier one" }),
      /^flows that are not counted yet/,
    ],
    [
      "for a receiver, while nobody takes its slots",
      leaving([]).slots(["fw-0", "fw-1"], 4),
      /^a receiver of the 128 slots that it owns$/,
    ],
    [
      "for slots that it still owns beside those that it has handed on",
      leaving([]).slots(["fw-0", "fw-1"], 4, { handoffs: [given(1)] }),
      /; it owns 128 slots yet$/,
    ],
    ["for its node, once nothing is left", leaving([]), /^its node to remove it$/],
  ])("%s", (_, world, words) => {
    expect(drains(world)[1]?.waitsFor).toMatch(words);
  });

  it.each([
    ["never", /for as long as they last$/],
    ["90s", /until 2026-01-01T00:01:30.000Z at most$/],
  ])("%s, where the group says so", (timeout, words) => {
    const world = leaving([given(1)], [counted(1, 1)]);
    const spec = { function: "firewall", replicas: 1, drain: { timeout } };
    expect(drains(world.intent("FunctionGroup", "fw", spec))[1]?.waitsFor).toMatch(words);
  });

  it("and its group says the same of each", () => {
    const { status } = leaving([given(1)], [counted(1, 3)]).resource("FunctionGroup", "fw");
    expect(status).toMatchObject({ draining: 1, drains: [{ shard: "fw-1", flows: 3, slots: 2 }] });
  });
});
