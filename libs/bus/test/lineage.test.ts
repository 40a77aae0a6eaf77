/** A bucket that is lost while the others stay, on a real nats-server: everybody hears of it before an empty view does. */
import { jetstreamManager } from "@nats-io/jetstream";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { streamOf } from "../src/bucket.ts";
import { chain, keyOf, world } from "./support/world.ts";

const lose = async (
  bus: Awaited<ReturnType<typeof world>>["bus"],
  name: "stitched" | "health" = "stitched",
) => (await jetstreamManager(bus.connection)).streams.delete(streamOf(name));

describe("a bucket that is lost alone", () => {
  it("is called lost before its view is empty, and by whoever comes later", async () => {
    await using at = await world();
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    const view = await at.bus.view("stitched");
    const early: string[] = [];
    view.changed.subscribe(() => {
      if (view.entries().size === 0) early.push([...at.bus.lineage.lost()].join());
    });
    expect([...at.bus.lineage.lost()]).toEqual([]);
    await lose(at.bus);
    await eventually("the view is empty", () => early.length > 0);
    expect(early[0]).toBe("stitched");
    const later = await at.another();
    await later.view("stitched");
    expect([...later.lineage.lost()]).toEqual(["stitched"]);
  });

  it("is no more once an operator takes it as it is, everywhere", async () => {
    await using at = await world();
    const other = await at.another();
    await at.bus.view("health");
    await other.view("health");
    await lose(at.bus, "health");
    await expect(at.bus.lineage.accept(), "there is none yet").rejects.toMatchObject({ code: "unavailable" });
    await eventually(
      "both know",
      () => at.bus.lineage.lost().has("health") && other.lineage.lost().has("health"),
    );
    expect(await at.bus.lineage.accept()).toEqual(["health"]);
    expect([...at.bus.lineage.lost()]).toEqual([]);
    await eventually("so does the other", () => other.lineage.lost().size === 0);
    expect(await at.bus.lineage.accept()).toEqual([]);
  });
});

describe("a bucket that nobody lost", () => {
  it("is new in a store that knew none of that name, as after an update", async () => {
    await using at = await world();
    const manager = await jetstreamManager(at.bus.connection);
    await lose(at.bus, "health");
    for await (const { config } of manager.streams.list())
      await manager.streams.update(config.name, {
        metadata: Object.fromEntries(
          Object.entries(config.metadata ?? {}).filter(([key]) => key !== "weft-made-health"),
        ),
      });
    const updated = await at.another();
    await updated.view("health");
    expect([...updated.lineage.lost()]).toEqual([]);
    await lose(updated, "health");
    await eventually("from then on it is known", () => updated.lineage.lost().has("health"));
  });

  it("stays known over a restart of the server", async () => {
    await using at = await world();
    const view = await at.bus.view("stitched");
    await at.nats.restart();
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    await eventually("the view is back", () => view.get(keyOf("b")) !== undefined);
    expect([...at.bus.lineage.lost()]).toEqual([]);
  });
});
