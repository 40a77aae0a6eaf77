/** What a shim holds in each phase, and what it may say of itself, from either side of a handoff and from a third shard. */
import type { GroupPlacement, ShardPlacement, SlotsRecord } from "@weft/schemas";
import { slotCount } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { Handoff } from "../slots/index.ts";
import type { ActualShim, WantedShim } from "./index.ts";
import { shimOf, shimProgress, slotOfFlow } from "./index.ts";

const group: GroupPlacement = {
  kind: "group",
  tenant: "demo",
  name: "fw",
  intentUid: "g1",
  index: 0,
  affinity: "client",
  inner: ["100.64.0.0/24", "fd77::/64"],
  outer: ["100.64.1.0/24", "fd77:0:0:1::/64"],
  mtu: 1400,
};
const macs = (name: string) => ({
  in: `0a:00:00:00:00:0${name.slice(-1)}`,
  out: `0a:00:00:00:01:0${name.slice(-1)}`,
});

function shard(name: string): ShardPlacement {
  const side = (kind: "inner" | "outer", mac: string) => ({
    name: kind === "inner" ? "in0" : "out0",
    port: `${name}.${kind}`,
    segment: { kind, name: "fw" },
    mac,
    addresses: [],
    mtu: 1400,
  });
  const end = { ...side("inner", macs(name).in), name: "probe" };
  return {
    kind: "shard",
    tenant: "demo",
    name,
    uid: `uid-${name}`,
    intentUid: "g1",
    intentRevision: 1,
    generation: 1,
    node: "node-1",
    runtime: "docker",
    resources: {},
    interfaces: [side("inner", macs(name).in), side("outer", macs(name).out)],
    routes: [],
    leaving: false,
    group: "fw",
    index: Number(name.slice(-1)),
    function: "firewall",
    config: {},
    networks: {},
    probe: { inner: end, innerRoutes: [], outer: end, outerRoutes: [], targets: [] },
  };
}

const shards = new Map(["fw-0", "fw-1", "fw-2"].map((name) => [name, shard(name)]));
const handoff = (part: Partial<Handoff>): Handoff => ({
  id: 1,
  from: "fw-0",
  to: "fw-1",
  fromGone: false,
  slots: [7],
  phase: "freeze",
  startedAt: "2030-01-01T00:00:00.000Z",
  ...part,
});

/** Slots of nobody else's concern belong to fw-0; slot 7 to `owner`. */
function record(owner: string, ...handoffs: Handoff[]): SlotsRecord {
  const owners = Array.from({ length: slotCount }, (_, slot) => (slot === 7 ? owner : "fw-0"));
  return {
    tenant: "demo",
    group: "fw",
    groupUid: "g1",
    version: 1,
    owners,
    leaving: [],
    nextHandoff: 9,
    handoffs,
  };
}

function wanted(name: string, slots: SlotsRecord | undefined, known = shards): WantedShim {
  return shimOf({ shard: shard(name), group, shards: known, slots });
}
const steers = (shim: WantedShim) => ({
  next: [...shim.next].map(([slot, { in: mac }]) => `${slot} ${mac.slice(-1)}`),
  prev: [...shim.prev].map(([slot, { in: mac }]) => `${slot} ${mac.slice(-1)}`),
  lists: shim.lists.map(({ handoff: id, giver }) => `${id} ${giver}`),
});
const nothing = { next: [], prev: [], lists: [] };

describe("a shim", () => {
  it("knows the MACs of both sides, and steers nothing without a record of its own group", () => {
    const shim = wanted("fw-1", undefined);
    expect(shim).toMatchObject({
      own: macs("fw-1"),
      routers: { in: "0a:58:64:40:00:01", out: "0a:58:64:40:01:01" },
    });
    expect(steers(shim)).toEqual(nothing);
    const other = { ...record("fw-0", handoff({})), groupUid: "earlier" };
    expect(steers(wanted("fw-0", other))).toEqual(nothing);
  });

  it.each<[Handoff["phase"], string, object, object]>([
    ["freeze", "fw-0", { ...nothing, next: ["7 1"] }, nothing],
    ["copy", "fw-0", { ...nothing, next: ["7 1"] }, nothing],
    ["arm", "fw-0", { ...nothing, next: ["7 1"] }, { ...nothing, prev: ["7 0"], lists: ["1 fw-0"] }],
    ["switch", "fw-0", { ...nothing, next: ["7 1"] }, { ...nothing, prev: ["7 0"], lists: ["1 fw-0"] }],
    ["drain", "fw-1", { ...nothing, next: ["7 1"] }, { ...nothing, prev: ["7 0"], lists: ["1 fw-0"] }],
  ])("in %s sends on what it gives and back what it was given", (phase, owner, giver, receiver) => {
    const slots = record(owner, handoff({ phase }));
    expect(steers(wanted("fw-0", slots))).toEqual(giver);
    expect(steers(wanted("fw-1", slots))).toEqual(receiver);
    expect(steers(wanted("fw-2", slots))).toEqual(nothing);
  });

  it("takes older lists along when a slot moves on before it has drained, and sends all new flows to the last", () => {
    const old = handoff({ phase: "drain" });
    const on = handoff({ id: 2, from: "fw-1", to: "fw-2", phase: "arm" });
    const slots = record("fw-1", old, on);
    expect(steers(wanted("fw-0", slots))).toEqual({ ...nothing, next: ["7 2"] });
    expect(steers(wanted("fw-1", slots))).toEqual({ next: ["7 2"], prev: ["7 0"], lists: ["1 fw-0"] });
    expect(steers(wanted("fw-2", slots))).toEqual({ ...nothing, prev: ["7 1"], lists: ["1 fw-0", "2 fw-1"] });
  });

  it("sends on until it is armed to have a slot back, and then back only what it did not know before", () => {
    const old = handoff({ phase: "drain" });
    const back = (phase: Handoff["phase"]) => handoff({ id: 2, from: "fw-1", to: "fw-0", phase });
    expect(steers(wanted("fw-0", record("fw-1", old, back("copy"))))).toEqual({ ...nothing, next: ["7 1"] });
    expect(steers(wanted("fw-0", record("fw-1", old, back("arm"))))).toEqual({
      ...nothing,
      prev: ["7 1"],
      lists: ["2 fw-1"],
    });
  });

  it("is about to have back what comes to it again, from arming until it has it", () => {
    const old = handoff({ phase: "drain" });
    const returning = (phase: Handoff["phase"]) =>
      wanted("fw-0", record("fw-1", old, handoff({ id: 2, from: "fw-1", to: "fw-0", phase }))).returning;
    expect(returning("copy")).toEqual(new Set());
    expect(returning("arm")).toEqual(new Set([7]));
    expect(returning("switch")).toEqual(new Set([7]));
    expect(returning("drain")).toEqual(new Set());
  });

  it("sends nothing to a giver that failed, and forgets everything when it was that giver", () => {
    const gone = handoff({ fromGone: true, phase: "switch" });
    expect(steers(wanted("fw-1", record("fw-0", gone)))).toEqual(nothing);
    expect(wanted("fw-0", record("fw-1", { ...gone, phase: "done" })).forget).toEqual([
      { handoff: 1, slots: [7] },
    ]);
    const overdue = { ...gone, fromGone: false, phase: "done" as const };
    expect(wanted("fw-0", record("fw-1", overdue)).forget).toEqual([]);
  });

  it("leaves handoffs without an id alone", () => {
    expect(steers(wanted("fw-0", record("fw-0", handoff({ id: 0, phase: "switch" }))))).toEqual(nothing);
  });
});

describe("what a shim says", () => {
  const empty: ActualShim = {
    next: new Map(),
    prev: new Map(),
    lists: new Map(),
    leftOver: false,
    waiting: false,
    published: new Map(),
    counts: new Map(),
    forgotten: new Set(),
  };
  const says = (shim: WantedShim, actual: Partial<ActualShim>) => shimProgress(shim, { ...empty, ...actual });

  it("is frozen with its set, copied with its list in the stream, and neither once the set is lost", () => {
    const shim = wanted("fw-0", record("fw-0", handoff({ phase: "copy" })));
    expect(says(shim, {})).toEqual([]);
    expect(says(shim, { next: shim.next })).toEqual([{ id: 1, reached: "frozen" }]);
    const published = new Map([[1, 12]]);
    expect(says(shim, { next: shim.next, published })).toEqual([{ id: 1, reached: "copied", flows: 12 }]);
    expect(says(shim, { published })).toEqual([]);
  });

  it("is armed only with every list, those of earlier givers too, and with nothing that steers otherwise", () => {
    const slots = record(
      "fw-1",
      handoff({ phase: "drain" }),
      handoff({ id: 2, from: "fw-1", to: "fw-2", phase: "arm" }),
    );
    const shim = wanted("fw-2", slots);
    const own = new Map([[2, { ...macs("fw-1"), slots: [7] }]]);
    const both = new Map([...own, [1, { ...macs("fw-0"), slots: [7] }]]);
    expect(says(shim, { prev: shim.prev, lists: own })).toEqual([]);
    expect(says(shim, { lists: both })).toEqual([]);
    expect(says(shim, { prev: shim.prev, lists: both, next: new Map([[7, macs("fw-0")]]) })).toEqual([]);
    expect(says(shim, { prev: shim.prev, lists: both })).toEqual([{ id: 2, reached: "armed" }]);
    expect(says(shim, { prev: shim.prev, lists: both, leftOver: true })).toEqual([]);
    expect(says(shim, { prev: shim.prev, lists: both, waiting: true })).toEqual([]);
    const withoutGiver = new Map([...shards].filter(([name]) => name !== "fw-0"));
    expect(says(wanted("fw-2", slots, withoutGiver), { prev: shim.prev, lists: both })).toEqual([]);
  });

  it("is draining until a count finds nothing", () => {
    const shim = wanted("fw-0", record("fw-1", handoff({ phase: "drain" })));
    expect(says(shim, {})).toEqual([{ id: 1, reached: "draining" }]);
    expect(says(shim, { counts: new Map([[1, 3]]) })).toEqual([{ id: 1, reached: "draining", flows: 3 }]);
    expect(says(shim, { counts: new Map([[1, 0]]) })).toEqual([{ id: 1, reached: "drained", flows: 0 }]);
  });

  it("is drained after a failure once it has forgotten", () => {
    const shim = wanted("fw-0", record("fw-1", handoff({ fromGone: true, phase: "done" })));
    expect(says(shim, {})).toEqual([]);
    expect(says(shim, { forgotten: new Set([1]) })).toEqual([{ id: 1, reached: "drained", flows: 0 }]);
  });
});

describe("the slot of a flow", () => {
  it.each([
    ["client", ["10.1.0.35", "10.2.0.1", 6, 50_000, 80], 35],
    ["client", ["fd00:1::1f2", "fd00:2::1", 17, 50_000, 53], 0xf2],
    ["connection", ["10.1.0.35", "10.2.0.1", 6, 50_002, 80], 25_001 & 255],
    ["connection", ["10.1.0.35", "10.2.0.1", 17, 0, 0], 35],
    ["connection", ["10.1.0.35", "10.2.0.1", 1, 0, 0], 35],
  ] as const)("by %s of %j is %i", (affinity, flow, slot) => {
    expect(slotOfFlow(affinity, [...flow])).toBe(slot);
  });
});
