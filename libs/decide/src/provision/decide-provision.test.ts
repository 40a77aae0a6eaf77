import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shard, startMs, workload, World } from "./world.test-kit.ts";

describe("a shard that was just placed", () => {
  it("is made from nothing in one round, in an order in which nothing passes before its rules are live", () => {
    const world = new World().place(shard("a")).round();
    expect(world.history.map(({ kind }) => kind)).toEqual([
      "putRealized",
      "createHolder",
      "wire",
      "startInstance",
      "loadConfig",
      "startProbe",
    ]);
  });

  it("is reported as creating, then as running with what runs", () => {
    const world = new World().place(shard("a")).round();
    expect(world.realized.get("demo.shard.fw-a")).toMatchObject({ state: "creating", generation: 0 });
    world.settle();
    expect(world.realized.get("demo.shard.fw-a")).toMatchObject({
      state: "running",
      generation: 1,
      instance: "c-a",
      holder: "h-a",
      configHash: "config-1",
      restarts: 0,
    });
  });

  it("gives no steps once it is as wanted", () => {
    expect(new World().place(shard("a")).place(workload("b")).settle().steps()).toEqual([]);
  });
});

describe("a shard whose parts are lost", () => {
  const settled = () => {
    const world = new World().place(shard("a")).settle();
    world.history = [];
    return world;
  };
  const done = (world: World) =>
    world.settle().history.flatMap(({ kind }) => (kind === "putRealized" ? [] : [kind]));

  it("gets its function back alone, and keeps namespace, addresses and rules", () => {
    const instance = { id: "c-a", running: false, spec: "spec-1", startedAt: "start 1" };
    expect(done(settled().change("a", { instance }))).toEqual(["startInstance"]);
  });

  it("counts the restart once", () => {
    const instance = { id: "c-a", running: false, spec: "spec-1", startedAt: "start 1" };
    const world = settled().change("a", { instance }).settle();
    expect(world.realized.get("demo.shard.fw-a")?.restarts).toBe(1);
  });

  it("is made anew when its holder ended", () => {
    expect(done(settled().change("a", { holder: { id: "h", running: false } }))).toEqual([
      "stopProbe",
      "remove",
      "createHolder",
      "wire",
      "startInstance",
      "loadConfig",
      "startProbe",
    ]);
  });

  it("is made anew when its holder was taken away and its function left", () => {
    const world = settled();
    const { holder: _, ...rest } = world.things.get("a") ?? { uid: "a", wires: true, probing: true };
    world.things.set("a", { ...rest, wires: false });
    expect(done(world)).toContain("remove");
  });

  it("is wired again when a link or port is missing", () => {
    const world = settled();
    const { wiring: _, ...rest } = world.things.get("a") ?? { uid: "a", wires: true, probing: true };
    world.things.set("a", rest);
    expect(done(world)).toEqual(["stopProbe", "unwire", "wire", "startProbe"]);
  });

  it("is mended in place when an address, a route or a link's state is lost", () => {
    expect(done(settled().change("a", { drift: "address in0 100.64.0.2/24" }))).toEqual(["mendWiring"]);
  });

  it("has its rules loaded again when one of them is gone, and is never reported as anything but running", () => {
    const config = { hash: "config-1", generation: 1, loadedAt: "now", drift: "chain forward {" };
    const world = settled().change("a", { config }).settle();
    expect(world.history.map(({ kind }) => kind)).toEqual(["loadConfig"]);
  });

  it("gets its probe back", () => {
    expect(done(settled().change("a", { probing: false }))).toEqual(["startProbe"]);
  });
});

describe("a shard that was told something new", () => {
  it("loads another configuration in place", () => {
    const world = new World().place(shard("a")).settle();
    world.place(shard("a", { generation: 2 }), { config: "config-2" });
    world.history = [];
    expect(world.settle().history.map(({ kind }) => kind)).toEqual(["loadConfig", "putRealized"]);
    expect(world.realized.get("demo.shard.fw-a")).toMatchObject({ generation: 2, configHash: "config-2" });
  });

  it("carries a generation that changes nothing of it without touching it", () => {
    const world = new World().place(shard("a")).settle();
    world.place(shard("a", { generation: 2 }));
    world.history = [];
    expect(world.settle().history.map(({ kind }) => kind)).toEqual(["putRealized"]);
    expect(world.realized.get("demo.shard.fw-a")?.generation).toBe(2);
  });

  it("keeps running the old rules, and says so, when the new ones are refused", () => {
    const world = new World().place(shard("a")).settle();
    world.place(shard("a", { generation: 2 }), { config: "config-2" });
    world.broken.add("loadConfig");
    world.round();
    world.failures.set("a", { code: "config-refused", message: "no", retryAtMs: world.nowMs + 1_000 });
    world.settle();
    expect(world.realized.get("demo.shard.fw-a")).toMatchObject({
      state: "running",
      generation: 1,
      configHash: "config-1",
      fault: { code: "config-refused" },
    });
  });

  it("has its instance made anew for another image, in the same namespace", () => {
    const world = new World().place(shard("a")).settle();
    world.place(shard("a", { generation: 2 }), { spec: "spec-2" });
    world.history = [];
    const kinds = world.settle().history.flatMap(({ kind }) => (kind === "putRealized" ? [] : [kind]));
    expect(kinds).toEqual(["stopInstance", "startInstance"]);
  });
});

describe("something that must leave", () => {
  it("stays while it owns slots, and goes when it owns none", () => {
    const world = new World().owners("fw-a").place(shard("a")).settle();
    world.place(shard("a", { leaving: true })).settle();
    expect(world.things.has("a")).toBe(true);
    world.owners("fw-b").settle();
    expect(world.things.has("a")).toBe(true); // it might be given some this very moment
    world.owners("fw-b", "a").settle();
    expect([world.things.size, world.realized.size]).toEqual([0, 0]);
  });

  it("stays while a handoff from it is on", () => {
    const world = new World()
      .owners("fw-b", "a")
      .place(shard("a", { leaving: true }))
      .change("a", {});
    const [key, record] = [...world.slots][0] ?? [];
    if (key === undefined || record === undefined) throw new Error("no slots");
    const handoff = {
      id: 1,
      fromGone: false,
      from: "fw-a",
      to: "fw-b",
      slots: [1],
      startedAt: "2026-01-01T00:00:00Z",
    };
    world.slots.set(key, { ...record, handoffs: [{ ...handoff, phase: "drain" }] });
    expect(world.kinds()).not.toContain("remove");
    world.slots.set(key, { ...record, handoffs: [{ ...handoff, phase: "done" }] });
    expect(world.kinds()).toContain("remove");
  });

  it("is not made any more", () => {
    expect(
      new World()
        .owners("fw-a")
        .place(shard("a", { leaving: true }))
        .steps(),
    ).toEqual([]);
  });

  it("goes when its placement is gone, report last", () => {
    const world = new World().place(workload("a")).settle();
    world.placements = [];
    expect(world.kinds()).toEqual(["remove"]);
    expect(world.round().kinds()).toEqual(["deleteRealized"]);
  });

  it("is not mistaken for a new one of the same name", () => {
    const world = new World().place(workload("a")).settle();
    world.place(workload("b", { name: "w-a" }));
    world.history = [];
    const kinds = world.settle().history.map(({ kind, uid }) => `${kind} ${uid}`);
    expect(kinds.slice(0, 3)).toEqual(["putRealized b", "remove a", "createHolder b"]);
    expect(world.realized.get("demo.workload.w-a")?.placementUid).toBe("b");
  });
});

describe("an instance that ends", () => {
  const ended = (ranMs: number, restarts: number, exitCode: number) => {
    const world = new World().place(workload("a")).settle();
    const record = world.realized.get("demo.workload.w-a");
    if (record === undefined) throw new Error("no record");
    world.realized.set("demo.workload.w-a", { ...record, restarts });
    const instance = { id: "c", running: false, spec: "spec-1", startedAt: "start 1" };
    world.change("a", { instance: { ...instance, ended: { atMs: startMs, ranMs, exitCode } } });
    return world;
  };

  it("stays as it is when it is a workload that has done its work", () => {
    const world = ended(60_000, 0, 0).settle();
    expect(world.realized.get("demo.workload.w-a")).toMatchObject({ state: "exited", exitCode: 0 });
  });

  it("comes back at once after a long run", () => {
    expect(ended(60_000, 9, 1).kinds()).toContain("startInstance");
  });

  it("waits longer each time that it dies young", () => {
    const world = ended(100, 3, 1);
    expect(world.kinds()).not.toContain("startInstance");
    world.nowMs += 4_000;
    expect(world.kinds()).toContain("startInstance");
  });
});

describe("any mess on a node", () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const thing = fc
    .record({
      holder: optional(fc.record({ id: fc.constant("h"), running: fc.boolean() })),
      instance: optional(
        fc.record({
          id: fc.constant("c"),
          running: fc.boolean(),
          spec: fc.constantFrom("spec-1", "spec-0"),
          startedAt: fc.constant("long ago"),
        }),
      ),
      wiring: optional(fc.constantFrom("wiring-1", "wiring-0")),
      drift: optional(fc.constant("address net0 10.1.0.11/16")),
      wires: fc.boolean(),
      config: optional(
        fc
          .record({
            hash: fc.constantFrom("config-1", "config-0"),
            generation: fc.constant(1),
            loadedAt: fc.constant("then"),
            drift: optional(fc.constant("counter default {")),
          })
          .map(({ drift, ...rest }) => (drift === undefined ? rest : { ...rest, drift })),
      ),
      probing: fc.boolean(),
    })
    .map((each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)));
  const uid = fc.constantFrom("a", "b", "c", "d");
  const things = fc.dictionary(uid, thing, { maxKeys: 4 });
  const wanted = fc.uniqueArray(fc.tuple(uid, fc.boolean(), fc.boolean()), { selector: ([each]) => each });

  const worldOf = (mess: Record<string, object>, placed: readonly [string, boolean, boolean][]) => {
    const world = new World();
    for (const [each, more] of Object.entries(mess)) world.change(each, more);
    for (const [each, isShard, leaving] of placed)
      world.place(isShard ? shard(each, { leaving }) : workload(each, { leaving }));
    return world;
  };

  it("becomes what is wanted, and then nothing is left to do", () => {
    fc.assert(
      fc.property(things, wanted, (mess, placed) => {
        const world = worldOf(mess, placed).settle();
        const staying = placed.flatMap(([each, , leaving]) => (leaving ? [] : [each]));
        expect([...world.things.keys()].sort()).toEqual(staying.sort());
        for (const each of world.things.values()) {
          expect(each).toMatchObject({ wiring: "wiring-1", instance: { running: true, spec: "spec-1" } });
          expect(each.drift).toBeUndefined();
          if (placed.some(([uid, isShard]) => isShard && uid === each.uid))
            expect(each.config?.drift).toBeUndefined();
        }
        expect([...world.realized.values()].every(({ state }) => state === "running")).toBe(true);
      }),
    );
  });

  it("is dealt with alike in whatever order it is seen", () => {
    fc.assert(
      fc.property(things, wanted, (mess, placed) => {
        const backwards = Object.fromEntries(Object.entries(mess).reverse());
        expect(worldOf(backwards, [...placed].reverse()).steps()).toEqual(worldOf(mess, placed).steps());
      }),
    );
  });

  it("never has rules loaded into, or a probe asked of, a shard that is not wired or does not run", () => {
    fc.assert(
      fc.property(things, wanted, (mess, placed) => {
        const world = worldOf(mess, placed);
        world.round();
        for (const { kind, uid: each } of world.history)
          if (kind === "loadConfig" || kind === "startProbe")
            expect(world.things.get(each)).toMatchObject({ wiring: "wiring-1", instance: { running: true } });
      }),
    );
  });
});
