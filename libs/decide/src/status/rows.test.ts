import { nodeHealthKey, slotsKey, slotCount } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { handoffRows, nodeRows, remainsOf, shardRows, slotsView, statusWorld } from "./index.ts";
import { World, intent, shard, shardKey, t1 } from "./world.test-kit.ts";

describe("what is left of a resource", () => {
  it("is nothing once its records are gone, and only then", () => {
    const world = World.ready();
    const left = () => remainsOf("FunctionGroup", "demo", "fw", world.records());
    expect(left()).toEqual(["its document", "2 placed shards", "2 shards that run", "1 record of slots"]);
    world.drop("intents", intent("FunctionGroup", "fw")).drop("slots", slotsKey("demo", "fw"));
    for (const index of [0, 1]) world.drop("placements", shardKey(index)).drop("realized", shardKey(index));
    expect(left()).toEqual([]);
  });

  it("of a group does not take in a group whose name begins like it", () => {
    const world = new World().place("shard", "fw-x-0", shard(0, { name: "fw-x-0", group: "fw-x" }));
    expect(remainsOf("FunctionGroup", "demo", "fw", world.records())).toEqual([]);
    expect(remainsOf("FunctionGroup", "demo", "fw-x", world.records())).toEqual(["1 placed shards"]);
  });

  it("of a workload is its place, what runs and its ports", () => {
    const world = World.ready().drop("intents", intent("Workload", "w"));
    expect(remainsOf("Workload", "demo", "w", world.records())).toEqual([
      "its place on node-1",
      "what runs of it",
      "its part of the network",
    ]);
    expect(remainsOf("Network", "demo", "none", world.records())).toEqual([]);
    expect(remainsOf("Chain", "demo", "edge", world.records())).toEqual([
      "its document",
      "its part of the network",
    ]);
  });
});

describe("rows", () => {
  it("tell shards by name, with state, slots and restarts", () => {
    const world = World.ready().shard(2, { leaving: true });
    world.place("shard", "fw-3", shard(3)).realized("shard", "fw-3", { placementUid: "old" });
    const rows = shardRows("demo", statusWorld(world.records()));
    expect(
      rows.map(({ name, state, slots, restarts, readyAt }) => [name, state, slots, restarts, readyAt]),
    ).toEqual([
      ["fw-0", "ready", 128, 0, t1],
      ["fw-1", "ready", 128, 1, t1],
      ["fw-2", "draining", 0, 2, t1],
      ["fw-3", "pending", 0, 0, null],
    ]);
    expect(shardRows("other", statusWorld(world.records()))).toEqual([]);
  });

  it("tell the load of a shard whose very placement was sampled, and of others that nobody knows it", () => {
    const load = { flows: 3, bitsPerSecond: 1000, cpu: 0.1, memory: 2000 };
    const rows = shardRows("demo", statusWorld(World.ready().records()), new Map([["place-fw-1", load]]));
    expect(rows).toMatchObject([{ flows: null, bitsPerSecond: null, cpu: null, memory: null }, load]);
  });

  it("tell nodes with what is placed on them", () => {
    const world = World.ready().change("health", nodeHealthKey("node-2"), { state: "lost" });
    const rows = nodeRows(statusWorld(world.records()));
    expect(rows).toMatchObject([
      { name: "node-1", state: "ready", allocated: { cpu: 0.3, memory: 100 } },
      { name: "node-2", state: "lost", allocated: { cpu: 0.1, memory: 0 } },
    ]);
  });

  describe("of a node that is drained", () => {
    const drained = (world: World, wishes: object = { drain: true, unschedulable: true }) => {
      world.intent("NodePolicy", "np", { node: "node-1", unschedulable: false, drain: false, ...wishes });
      return nodeRows(statusWorld(world.records()))[0];
    };

    it("name what it still carries, and what each waits for", () => {
      const world = World.ready().change("placements", shardKey(0), { leaving: true });
      expect(drained(world)).toMatchObject({
        state: "draining",
        drain: {
          waitsFor: [
            "demo/shard/fw-0 is leaving: it waits for a receiver of the 128 slots that it owns",
            "demo/workload/w is about to leave",
          ],
        },
      });
    });

    it("say of what has no place elsewhere why not", () => {
      const world = World.ready().change("health", nodeHealthKey("node-2"), { state: "lost" });
      expect(drained(world)?.drain?.waitsFor[0]).toMatch(
        /^demo\/shard\/fw-0 has no place elsewhere: .*node-1: is drained; node-2: is lost$/,
      );
    });

    it("say that it is drained once nothing is left", () => {
      const world = World.ready().drop("placements", shardKey(0)).drop("placements", "demo.workload.w");
      expect(drained(world)).toMatchObject({ state: "drained", drain: { waitsFor: [] } });
    });

    it.each([
      [{ unschedulable: true, drain: false }, "cordoned"],
      [{ unschedulable: false, drain: false }, "ready"],
    ])("%j is no drain", (wishes, state) => {
      expect(drained(World.ready(), wishes)).toMatchObject({ state, drain: null });
    });

    it("tell a lost one as lost", () => {
      const world = World.ready().change("health", nodeHealthKey("node-1"), { state: "lost" });
      expect(drained(world)?.state).toBe("lost");
    });
  });

  it("tell slots and handoffs", () => {
    const handoff = {
      id: 1,
      fromGone: false,
      from: "fw-0",
      to: "fw-1",
      slots: [1, 2, 3],
      phase: "drain" as const,
      startedAt: t1,
    };
    const records = World.ready()
      .slots(["fw-0", null], 5, { handoffs: [handoff] })
      .records();
    expect(slotsView("demo", "fw", records)?.owners.slice(0, 2)).toEqual(["fw-0", null]);
    expect(slotsView("demo", "none", records)).toBeUndefined();
    expect(handoffRows("demo", records)).toEqual([
      { functionGroup: "fw", from: "fw-0", to: "fw-1", slots: 3, phase: "drain", startedAt: t1 },
    ]);
  });

  it("tell where the slots of a handoff are now, when the shard that got them is gone", () => {
    const handoff = (id: number, to: string, slots: number[]) => ({
      id,
      fromGone: false,
      from: "fw-0",
      to,
      slots,
      phase: "drain" as const,
      startedAt: t1,
    });
    const handoffs = [handoff(1, "fw-8", [1, 2, 3]), handoff(2, "fw-9", [5]), handoff(3, "fw-1", [6])];
    const world = World.ready().slots(["fw-0", "fw-1"], 5, { handoffs });
    world.place("shard", "fw-2", shard(2)).place("shard", "fw-3", shard(3));
    const owners = Array.from({ length: slotCount }, (_, slot) => (slot < 3 ? "fw-2" : "fw-3"));
    const rows = handoffRows("demo", world.change("slots", slotsKey("demo", "fw"), { owners }).records());
    expect(rows.map(({ to, slots }) => `${to} ${slots}`)).toEqual(["fw-1 1", "fw-2 2", "fw-3 2"]);
  });
});
