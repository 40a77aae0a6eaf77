/** Whose connections a shard goes on with, in each phase in which slots of a failed shard can be. */
import type { GroupPlacement, PlacedInterface, ShardPlacement, SlotsRecord } from "@weft/schemas";
import { slotCount } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { Handoff } from "../slots/index.ts";
import type { CarriedOut, ReplicaSight } from "./index.ts";
import { adoptionsOf, decideReplicas } from "./index.ts";

const group: GroupPlacement = {
  kind: "group",
  tenant: "demo",
  name: "fw",
  intentUid: "g1",
  index: 0,
  affinity: "client",
  inner: ["100.64.0.0/24"],
  outer: ["100.64.1.0/24"],
  mtu: 1400,
  state: "replicated",
};
const end: PlacedInterface = {
  name: "in0",
  port: "p",
  segment: { kind: "inner", name: "fw" },
  mac: "0a:00:00:00:00:01",
  addresses: [],
  mtu: 1400,
};
const shard = (name: string): ShardPlacement => ({
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
  interfaces: [],
  routes: [],
  leaving: false,
  group: "fw",
  index: 0,
  function: "firewall",
  config: {},
  networks: {},
  probe: { inner: end, innerRoutes: [], outer: end, outerRoutes: [], targets: [] },
});
const handoff = (part: Partial<Handoff>): Handoff => ({
  id: 1,
  from: "fw-0",
  to: "fw-1",
  fromGone: true,
  slots: [1, 2],
  phase: "switch",
  startedAt: "2026-01-01T00:00:00.000Z",
  ...part,
});
/** Slots 0 to 9 are told, all others are fw-2's. */
const slots = (owners: Readonly<Record<number, string>>, handoffs: Handoff[]): SlotsRecord => ({
  tenant: "demo",
  group: "fw",
  groupUid: "g1",
  version: 1,
  owners: Array.from({ length: slotCount }, (_, slot) => owners[slot] ?? "fw-2"),
  leaving: [],
  nextHandoff: 9,
  handoffs,
});
const seen = (name: string, record: SlotsRecord | undefined) => ({
  shard: shard(name),
  group,
  shards: new Map(),
  slots: record,
});
/** `of: slots`, without its own of an earlier namespace. */
const others = (name: string, record: SlotsRecord) =>
  adoptionsOf(seen(name, record)).flatMap(({ of, slots: adopted }) => (of === name ? [] : [[of, adopted]]));

describe("a shard that failed", () => {
  it("leaves its flows to whoever gets its slots, each those of its own", () => {
    const record = slots({ 1: "fw-0", 2: "fw-0", 3: "fw-0" }, [
      handoff({}),
      handoff({ id: 2, to: "fw-2", slots: [3] }),
    ]);
    expect(others("fw-1", record)).toEqual([["fw-0", [1, 2]]]);
    expect(others("fw-2", record)).toEqual([["fw-0", [3]]]);
  });

  it("leaves those that it was draining to whoever has their slots by then", () => {
    const record = slots({ 1: "fw-2", 2: "fw-1" }, [handoff({ phase: "done" })]);
    expect(others("fw-1", record)).toEqual([["fw-0", [2]]]);
    expect(others("fw-2", record)).toEqual([["fw-0", [1]]]);
  });

  it("leaves nothing as long as it lives", () => {
    expect(others("fw-1", slots({ 1: "fw-1" }, [handoff({ fromGone: false, phase: "drain" })]))).toEqual([]);
  });

  it("goes on with its own where nobody took its slots, and with none that somebody did", () => {
    const record = slots({ 1: "fw-0", 2: "fw-0", 3: "fw-0" }, [handoff({ slots: [1] })]);
    expect(adoptionsOf(seen("fw-0", record))).toEqual([{ key: "own", of: "fw-0", slots: [2, 3] }]);
  });

  it("goes on with nothing by the record of an earlier group", () => {
    expect(adoptionsOf(seen("fw-1", { ...slots({}, [handoff({})]), groupUid: "g0" }))).toEqual([]);
    expect(adoptionsOf(seen("fw-1", undefined))).toEqual([]);
  });
});

interface Situation {
  readonly known: readonly string[];
  readonly whole?: boolean;
  readonly nowMs?: number;
}

describe("the agent of its node", () => {
  const record = slots({ 1: "fw-1" }, [handoff({ phase: "done" })]);
  const done = { sinceMs: 0, whole: true };
  const adopted = (carriedOut: Record<string, CarriedOut>) => new Map(Object.entries(carriedOut));
  const here = {
    seen: seen("fw-1", record),
    life: "a",
    wired: true,
    adopted: adopted({ own: done, "1: 1": done }),
    known: ["fw-0"],
  };
  const settled: ReplicaSight = {
    shards: [here],
    followed: new Map([["uid-fw-1", "a"]]),
    heard: [{ tenant: "demo", group: "fw" }],
    nowMs: 1_000,
  };
  const kinds = (change: Partial<ReplicaSight>) =>
    decideReplicas({ ...settled, ...change }).map(({ kind }) => kind);

  it("does nothing once all is done", () => {
    expect(kinds({})).toEqual([]);
  });

  it("adopts once, and only where links and shim are there", () => {
    expect(kinds({ shards: [{ ...here, adopted: adopted({ own: done }) }] })).toEqual(["adopt"]);
    expect(kinds({ shards: [{ ...here, adopted: adopted({}), wired: false }] })).toEqual([]);
  });

  it("hears first, then adopts, so that what comes is not missed", () => {
    const shards = [{ ...here, adopted: adopted({ own: done }) }];
    expect(kinds({ shards, heard: [] })).toEqual(["hear", "adopt"]);
  });

  it.each([
    ["again once all is known of the shard that failed", { known: ["fw-0"] }, ["adopt"]],
    ["not again until then", { known: ["fw-2"] }, []],
    ["not again when all was known at once", { known: ["fw-0"], whole: true }, []],
    ["not again when what it left is kept no more", { known: ["fw-0"], nowMs: 30_000 }, []],
  ])("adopts %s", (_, { known, whole = false, nowMs = 29_999 }: Situation, steps) => {
    const shards = [{ ...here, known, adopted: adopted({ own: done, "1: 1": { sinceMs: 0, whole } }) }];
    expect(kinds({ shards, nowMs })).toEqual(steps);
  });

  it("adopts a shard's own once, whatever is known later: by then it was handed what it owns", () => {
    const own = { sinceMs: 0, whole: false };
    const shards = [{ ...here, known: ["fw-0", "fw-1"], adopted: adopted({ own, "1: 1": done }) }];
    expect(kinds({ shards })).toEqual([]);
  });

  it("follows another namespace anew, and hears on while there is none", () => {
    expect(kinds({ shards: [{ ...here, life: "b" }] })).toEqual(["unfollow", "follow"]);
    expect(kinds({ shards: [{ ...here, life: undefined }] })).toEqual(["unfollow"]);
  });

  it("lets everything be where the group's state is local", () => {
    const local = { ...here, seen: { ...here.seen, group: { ...group, state: "local" as const } } };
    expect(kinds({ shards: [local] })).toEqual(["hear", "unfollow"]);
    expect(kinds({ shards: [local], followed: new Map(), heard: [] })).toEqual([]);
  });
});
