/** What of a heartbeat is news, and what follows from verdicts for Consul and for events. */
import type { HealthRecord, NodeRecord, PlacementRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { healthEvents } from "./health-events.ts";
import { collectHeartbeats } from "./heartbeats.ts";
import { readyShards, registrySteps } from "./shard-registry.ts";

const beat = (sequence: number, shard: object = {}, incarnation = "a") => ({
  node: "node-1",
  incarnation,
  sequence,
  shards: [
    {
      tenant: "demo",
      name: "fw-0",
      placementUid: "p",
      running: true,
      wired: true,
      kernel: false,
      generation: 1,
      probeAgeMs: 10,
      ...shard,
    },
  ],
});

describe("heartbeats", () => {
  function listening() {
    const heartbeats = collectHeartbeats({ detectionMs: 1000, nodeLossMs: 2000 });
    let wakes = 0;
    heartbeats.changed.subscribe(() => (wakes += 1));
    const take = (data: unknown, atMs = 0) => {
      wakes = 0;
      return [heartbeats.take(JSON.stringify(data), atMs), wakes];
    };
    return { heartbeats, take };
  }

  it("wake the loop by what they tell, not by coming", () => {
    const { take } = listening();
    expect(take(beat(1))).toEqual([true, 1]);
    expect(take(beat(2, { probeAgeMs: 200 }))).toEqual([true, 0]);
    expect(take(beat(3, { probeAgeMs: 1200 }))).toEqual([true, 1]);
    expect(take(beat(4, { probeAgeMs: 1300 }))).toEqual([true, 0]);
    expect(take(beat(5, { running: false, probeAgeMs: 1400 }))).toEqual([true, 1]);
    expect(take(beat(6, { running: false, wired: false, probeAgeMs: 1500 }))).toEqual([true, 1]);
  });

  it("that are late, doubled or none at all tell nothing", () => {
    const { heartbeats, take } = listening();
    take(beat(5), 100);
    take(beat(4, { running: false }), 200);
    expect(heartbeats.reports.get("p")).toMatchObject({ atMs: 100, report: { running: true } });
    expect(take({ node: "node-1" })).toEqual([false, 0]);
    expect(take(beat(1, {}, "b"), 300)).toEqual([true, 1]);
    expect(heartbeats.beats.get("node-1")).toMatchObject({ atMs: 300, incarnation: "b" });
  });

  it("that leave out what their shards do say that it is as before", () => {
    const { heartbeats, take } = listening();
    const short = (sequence: number, incarnation = "a") => ({ node: "node-1", incarnation, sequence });
    take(short(1), 50);
    expect(heartbeats.reports.size).toBe(0);
    take(beat(2, { probeAgeMs: 1200 }), 100);
    expect(take(short(3), 2000)).toEqual([true, 0]);
    expect(heartbeats.reports.get("p")).toMatchObject({ atMs: 2000, report: { probeAgeMs: 1200 } });
    take({ ...short(4), shards: [] }, 2100);
    take(short(5), 2200);
    expect(heartbeats.reports.get("p")).toMatchObject({ atMs: 2000 });
    take(beat(6), 2300);
    expect(take(short(1, "b"), 2400)).toEqual([true, 1]);
    expect(heartbeats.reports.get("p")).toMatchObject({ atMs: 2300 });
    expect(heartbeats.beats.get("node-1")).toMatchObject({ atMs: 2400, incarnation: "b" });
  });

  it("tell since when an agent has run", () => {
    const { heartbeats, take } = listening();
    take(beat(1), 100);
    take(beat(2), 200);
    expect(heartbeats.beats.get("node-1")).toMatchObject({ atMs: 200, sinceMs: 100 });
    take(beat(1, {}, "b"), 300);
    expect(heartbeats.beats.get("node-1")).toMatchObject({ atMs: 300, sinceMs: 300 });
  });

  it("tell when a node was heard again after it had been silent for too long", () => {
    const { heartbeats, take } = listening();
    take(beat(1), 100);
    take(beat(2), 2100);
    expect(heartbeats.beats.get("node-1")?.againMs).toBeUndefined();
    expect(take(beat(3), 4101)).toEqual([true, 1]);
    take(beat(4), 4200);
    expect(heartbeats.beats.get("node-1")?.againMs).toBe(4101);
  });

  it("are forgotten with shards that nobody names any more", () => {
    const { heartbeats, take } = listening();
    take(beat(1), 100);
    heartbeats.forgetBefore(101);
    expect(heartbeats.reports.size).toBe(0);
  });
});

const shard = (state: string, placementUid = "p") =>
  ({
    kind: "shard",
    tenant: "demo",
    name: "fw-0",
    group: "fw",
    node: "node-1",
    placementUid,
    generation: 1,
    state,
    reason: "Why",
    message: "",
    since: "",
  }) as HealthRecord;
const node = (state: string) =>
  ({
    kind: "node",
    name: "node-1",
    state,
    incarnation: "a",
    reason: "Why",
    message: "",
    since: "",
  }) as HealthRecord;

describe("events", () => {
  const typeOf = (value: HealthRecord | null, before: HealthRecord | null) =>
    healthEvents({ key: "k", revision: 5, at: "2030-01-01T00:00:00.000Z", value, before }).map(({ type }) =>
      type.slice("dev.weft.".length),
    );

  it.each<[HealthRecord | null, HealthRecord | null, string[]]>([
    [shard("ready"), null, ["shard.ready"]],
    [shard("ready"), shard("starting"), ["shard.ready"]],
    [shard("ready"), shard("ready"), []],
    [shard("ready"), shard("ready", "q"), ["shard.ready"]],
    [shard("failed"), shard("ready"), ["shard.failed"]],
    [shard("starting"), null, []],
    [null, shard("ready"), []],
    [node("ready"), null, []],
    [node("lost"), node("ready"), ["node.lost"]],
    [node("ready"), node("lost"), ["node.back"]],
  ])("%#: tell of each change of state once", (value, before, types) => {
    expect(typeOf(value, before)).toEqual(types);
  });
});

describe("shards in Consul", () => {
  const placed = {
    kind: "shard",
    uid: "p",
    interfaces: [{ segment: { kind: "inner", name: "fw" }, addresses: ["100.64.0.2/24"] }],
  } as PlacementRecord;

  it("are those that are ready, with their inner address and where their agent tells of them", () => {
    const placements = new Map([["demo.shard.fw-0", { value: placed }]]);
    const nodes = new Map([["node-1", { value: { metrics: "192.0.2.1:9710" } as NodeRecord }]]);
    const entries = (record: HealthRecord) =>
      readyShards(new Map([["demo.shard.fw-0", { value: record }]]), placements, nodes);
    expect(entries(shard("ready"))).toEqual([
      {
        id: "weft-shard-demo-fw-0-p",
        address: "100.64.0.2",
        metricsAt: "192.0.2.1:9710",
        meta: { tenant: "demo", group: "fw", shard: "fw-0", node: "node-1" },
      },
    ]);
    expect(entries(shard("failed"))).toEqual([]);
    expect(entries(node("ready"))).toEqual([]);
  });

  it("come and go one by one", () => {
    const entry = (id: string) => ({ id, meta: {} });
    const before = new Map(["kept", "old"].map((id) => [id, entry(id)]));
    expect(registrySteps([entry("new"), entry("kept")], before)).toEqual([
      { kind: "deregisterShard", id: "old" },
      { kind: "registerShard", entry: entry("new") },
    ]);
  });

  it("are registered anew where their agent tells of them elsewhere", () => {
    const entry = (metricsAt: string) => ({ id: "moved", meta: {}, metricsAt });
    expect(registrySteps([entry("b:1")], new Map([["moved", entry("a:1")]]))).toEqual([
      { kind: "deregisterShard", id: "moved" },
      { kind: "registerShard", entry: entry("b:1") },
    ]);
  });
});
