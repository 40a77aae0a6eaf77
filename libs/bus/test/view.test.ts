import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { chain, keyOf, world } from "./support/world.ts";

describe("a view", () => {
  it("is complete when it is opened, and tells of what comes after only", async () => {
    await using at = await world();
    for (const name of ["a", "b", "c"]) await at.bus.put("stitched", keyOf(name), chain(name));
    await at.bus.remove("stitched", keyOf("b"));
    const view = await at.bus.view("stitched");
    let changes = 0;
    view.changed.subscribe(() => (changes += 1));
    expect([...view.entries().keys()]).toEqual([keyOf("a"), keyOf("c")]);
    const before = view.entries();
    await at.bus.put("stitched", keyOf("d"), chain("d"));
    await eventually("the new record is seen", () => view.get(keyOf("d")));
    expect(changes).toBe(1);
    expect(before.size).toBe(2);
  });

  it("shows an atomic batch whole or not at all", async () => {
    await using at = await world();
    const view = await at.bus.view("stitched");
    const sizes: number[] = [];
    view.changed.subscribe(() => sizes.push(view.entries().size));
    const names = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    const writes = names.map((name) => ({ key: keyOf(name), value: chain(name), ifRevision: 0 }));
    const revision = await at.bus.batch("stitched", writes);
    await eventually("the batch is seen", () => view.revision === revision);
    await at.bus.batch(
      "stitched",
      names.slice(1).map((name) => ({ key: keyOf(name), value: null })),
    );
    await eventually("the second batch is seen", () => view.entries().size === 1);
    expect(sizes).toEqual([1000, 1]);
  });

  it("says when a record was put", async () => {
    await using at = await world();
    const earliest = Date.now() - 1;
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    const entry = (await at.bus.view("stitched")).get(keyOf("a"));
    expect(entry?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(Date.parse(entry?.at ?? "")).toBeGreaterThanOrEqual(earliest);
  });

  it("leaves out what no schema fits, and says so", async () => {
    await using at = await world();
    const view = await at.bus.view("stitched");
    at.bus.connection.publish(`$KV.weft_stitched.${keyOf("bad")}`, "{}");
    at.bus.connection.publish(`$KV.weft_stitched.${keyOf("worse")}`, "{");
    await at.bus.put("stitched", keyOf("good"), chain("good"));
    await eventually("the good one is seen", () => view.get(keyOf("good")));
    expect([...view.entries().keys()]).toEqual([keyOf("good")]);
    expect(at.complaints.filter((line) => line.includes("not readable"))).toHaveLength(2);
  });

  it("keeps what it could read last where a later value does not fit, over reconnects too", async () => {
    await using at = await world();
    const view = await at.bus.view("stitched");
    const revision = await at.bus.put("stitched", keyOf("a"), chain("a"));
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    at.bus.connection.publish(`$KV.weft_stitched.${keyOf("a")}`, '{"kind":"of a later version"}');
    const later = await at.bus.put("stitched", keyOf("c"), chain("c"));
    await eventually("what came afterwards is seen", () => view.get(keyOf("c")));
    expect(view.get(keyOf("a"))).toMatchObject({ revision, value: chain("a") });
    expect(view.revision).toBe(later);
    await at.nats.restart();
    await eventually("a removal goes through", () => at.bus.remove("stitched", keyOf("b")).then(() => true), {
      withinMs: 15_000,
    });
    await eventually("the view goes on", () => view.get(keyOf("b")) === undefined, { withinMs: 15_000 });
    expect(view.get(keyOf("a"))).toMatchObject({ revision, value: chain("a") });
    await at.bus.remove("stitched", keyOf("a"));
    await eventually("a deletion counts", () => view.get(keyOf("a")) === undefined);
  });

  it("is not there before it could read everything, and says what stands in the way", async () => {
    await using at = await world();
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    at.bus.connection.publish(`$KV.weft_stitched.${keyOf("b")}`, "{}");
    await at.bus.connection.flush();
    let opened = false;
    const opening = at.bus.view("stitched").then((view) => {
      opened = true;
      return view;
    });
    await eventually("it has tried twice", () => {
      return at.complaints.filter((line) => line.includes("trying again")).length >= 2;
    });
    expect(opened).toBe(false);
    expect(at.complaints.find((line) => line.includes("trying again"))).toContain(keyOf("b"));
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    expect([...(await opening).entries().keys()].toSorted()).toEqual([keyOf("a"), keyOf("b")]);
  });

  it("sees everything again after the server was killed, and goes on", async () => {
    await using at = await world();
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    const view = await at.bus.view("stitched");
    let changes = 0;
    view.changed.subscribe(() => (changes += 1));
    await at.nats.restart();
    const revision = await eventually(
      "a write goes through",
      () => at.bus.put("stitched", keyOf("b"), chain("b")),
      {
        withinMs: 15_000,
      },
    );
    await eventually("the view has it", () => view.get(keyOf("b"))?.revision === revision, {
      withinMs: 15_000,
    });
    expect([...view.entries().keys()]).toEqual([keyOf("a"), keyOf("b")]);
    expect(changes).toBeGreaterThan(0);
  });

  it("loses what the server lost", async () => {
    await using at = await world();
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    const view = await at.bus.view("stitched");
    await at.nats.restart({ emptyStore: true });
    await eventually("the record is gone from the view", () => view.entries().size === 0, {
      withinMs: 20_000,
    });
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    await eventually("the view goes on", () => view.get(keyOf("b")));
  });

  it("misses nothing of what another client writes through several kills of the server", async () => {
    await using at = await world();
    const writer = await at.another();
    const view = await at.bus.view("stitched");
    for (let round = 0; round < 3; round += 1) {
      const names = Array.from({ length: 20 }, (_, index) => `c-${round}-${index}`);
      const writes = names.map((name) =>
        writer.put("stitched", keyOf(name), chain(name)).catch(() => undefined),
      );
      await Promise.race(writes);
      await at.nats.restart();
      await Promise.all(writes);
      await eventually(
        "a removal goes through",
        () => writer.remove("stitched", keyOf(`c-${round}-0`)).then(() => true),
        {
          withinMs: 15_000,
        },
      );
    }
    const fresh = await writer.view("stitched");
    const revisions = (of: typeof view) =>
      [...of.entries().values()]
        .map(({ key, revision }) => `${key}@${revision}`)
        .toSorted()
        .join();
    await eventually("the old view equals a fresh one", () => revisions(view) === revisions(fresh), {
      withinMs: 15_000,
    });
    expect(view.entries().size).toBeGreaterThan(0);
  });
});
