/** Traces: who handles a flow in worlds where all is well, where slots move, and where something is missing. */
import type { TraceAsked } from "@weft/schemas";
import { WeftError, recordKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { statusWorld } from "../status/index.ts";
import { World } from "../status/world.test-kit.ts";
import { traceFlow } from "./trace-flow.ts";

const shardInterfaces = (index: number) =>
  (["inner", "outer"] as const).map((kind, side) => ({
    name: side === 0 ? "in0" : "out0",
    port: "p",
    segment: { kind, name: "fw" },
    mac: "0a:58:64:40:00:02",
    addresses: [`100.64.${side}.${2 + index}/24`],
    mtu: 1400,
  }));

function edge(): World {
  const world = World.ready();
  const group = { kind: "group", tenant: "demo", name: "fw", affinity: "client" };
  world.put("placements", recordKey("group", "demo", "fw"), group);
  for (const index of [0, 1]) world.shard(index, { interfaces: shardInterfaces(index) });
  return world;
}

const trace = (world: World, asked: Partial<TraceAsked> = {}) =>
  traceFlow(
    { from: "workload/w", to: "10.2.0.9", proto: "tcp", ...asked },
    "demo",
    statusWorld(world.records()),
  );
const hops = (world: World, asked: Partial<TraceAsked> = {}) =>
  trace(world, asked).hops.map(({ way, name, address, slot }) => [way, name, address, slot]);

describe("a flow", () => {
  it("meets the owner of its client's slot both ways, by the side that each way enters", () => {
    expect(trace(edge())).toMatchObject({ chain: "edge", outcome: "chain" });
    expect(hops(edge())).toEqual([
      ["there", "w", "10.1.0.2", null],
      ["there", "fw-0", "100.64.0.2", 2],
      ["there", "10.2.0.9", "10.2.0.9", null],
      ["back", "10.2.0.9", "10.2.0.9", null],
      ["back", "fw-0", "100.64.1.2", 2],
      ["back", "w", "10.1.0.2", null],
    ]);
  });

  it("goes by the client's slot also when the other end opens it", () => {
    const asked = { from: "10.2.0.8", to: "10.1.0.3" };
    expect(hops(edge(), asked)[1]).toEqual(["there", "fw-1", "100.64.1.3", 3]);
    expect(hops(edge(), asked)[4]).toEqual(["back", "fw-1", "100.64.0.3", 3]);
  });

  it("goes by the client's port where the group spreads connections, and must name it", () => {
    const world = edge().change("placements", recordKey("group", "demo", "fw"), { affinity: "connection" });
    expect(hops(world, { sport: 40_002, dport: 80 })[1]).toEqual(["there", "fw-1", "100.64.0.3", 33]);
    expect(hops(world, { proto: "icmp" })[1]).toEqual(["there", "fw-0", "100.64.0.2", 2]);
    expect(() => trace(world)).toThrow(WeftError);
    expect(() => trace(world, { from: "10.2.0.9", to: "workload/w", sport: 80 })).toThrow(WeftError);
  });

  it("is told of a slot that is on its way, and of older flows that stay behind", () => {
    const handoff = { id: 1, from: "fw-1", to: "fw-0", fromGone: false, startedAt: "", slots: [2] };
    const at = (phase: "copy" | "drain") =>
      trace(edge().slots(["fw-0", "fw-1"], 4, { handoffs: [{ ...handoff, phase }] })).hops[1]?.why;
    expect(at("copy")).toContain("on its way from fw-1 to fw-0 (copy)");
    expect(at("drain")).toContain("older flows stay with fw-1");
  });
});

describe("a flow that nobody takes", () => {
  it("is dropped between networks without a chain, or beside its protocols", () => {
    const world = edge().intent("Chain", "edge", {
      from: "inside",
      to: "outside",
      through: ["fw"],
      onFailure: "closed",
      match: [{ protocol: "udp" }],
    });
    expect(trace(world)).toMatchObject({ chain: null, outcome: "dropped" });
    expect(trace(world).hops.map(({ kind }) => kind)).toEqual(["workload", "drop", "address", "drop"]);
    expect(trace(world, { proto: "udp" })).toMatchObject({ chain: "edge", outcome: "chain" });
  });

  it("is dropped where its slot has no shard, and passes without the group where the chain is open", () => {
    const closed = edge().slots([null], 5);
    expect(trace(closed)).toMatchObject({ chain: "edge", outcome: "dropped" });
    const spec = { from: "inside", to: "outside", through: ["fw"], onFailure: "open" };
    const open = edge().slots([null], 5).intent("Chain", "edge", spec);
    expect(trace(open)).toMatchObject({ outcome: "open" });
    expect(trace(open).hops.map(({ kind }) => kind)).toEqual(["workload", "address", "address", "workload"]);
  });

  it("needs no chain on one network", () => {
    expect(trace(edge(), { to: "10.1.0.77" })).toMatchObject({ outcome: "link", chain: null });
  });

  it("names every end that is not known", () => {
    const asked = { from: "workload/none", to: "10.9.0.1" };
    const refused = (() => {
      try {
        return trace(edge(), asked);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toMatchObject({
      code: "invalid-request",
      faults: [{ path: "?from" }, { path: "?to", message: "10.9.0.1 is in no network of the tenant demo" }],
    });
  });
});
