import { describe, expect, it } from "vitest";
import { becameReady, statusWorld } from "./index.ts";
import { World, intent, t0, t1, t2 } from "./world.test-kit.ts";

const look = (world: World, told: readonly string[] = [], now = t2) =>
  becameReady(statusWorld(world.records()), new Set(told), now);

describe("what became ready", () => {
  it("is each ready generation that nobody told yet, from its acceptance to the record that made it ready", () => {
    const all = look(World.ready());
    expect(all.map(({ id }) => id)).toEqual(
      ["inside", "outside", "fw", "edge", "w"].map((of) => `uid-${of} 1`),
    );
    expect(new Set(all.map(({ from, to }) => `${from} ${to}`))).toEqual(new Set([`${t0} ${t1}`]));
    const told = all.map(({ id }) => id);
    expect(look(World.ready(), told)).toEqual([]);
    expect(look(World.ready(), told.slice(1)).map(({ id }) => id)).toEqual(["uid-inside 1"]);
  });

  it("is nothing that waits", () => {
    const world = World.ready().drop("stitched", "demo.network.inside");
    expect(look(world).map(({ id }) => id)).not.toContain("uid-inside 1");
  });

  it("is told anew after a change, as of now where the records of before still hold", () => {
    const world = World.ready().change("intents", intent("Network", "inside"), {
      generation: 2,
      updatedAt: t1,
    });
    expect(look(world).map(({ id }) => id)).not.toContain("uid-inside 2");
    world.stitched("network", "inside", "uid-inside", { generation: 2, at: t0 });
    expect(look(world)).toContainEqual({ id: "uid-inside 2", from: t1, to: t2 });
  });
});
