import { describe, expect, it } from "vitest";
import { eventually } from "@weft/testkit";
import { maxBatch } from "../src/index.ts";
import { chain, keyOf, world } from "./support/world.ts";

const conflict = { code: "conflict", retryable: true };

describe("a record that somebody else may have changed", () => {
  it("is written at the revision that it was decided from, and only there", async () => {
    await using at = await world();
    const first = await at.bus.put("stitched", keyOf("a"), chain("a"), { ifRevision: 0 });
    const second = await at.bus.put("stitched", keyOf("a"), chain("a", "again"), { ifRevision: first });
    expect(second).toBeGreaterThan(first);
    await expect(at.bus.put("stitched", keyOf("a"), chain("a"), { ifRevision: first })).rejects.toMatchObject(
      conflict,
    );
    await expect(at.bus.put("stitched", keyOf("a"), chain("a"), { ifRevision: 0 })).rejects.toMatchObject(
      conflict,
    );
    await expect(at.bus.remove("stitched", keyOf("a"), { ifRevision: first })).rejects.toMatchObject(
      conflict,
    );
    const view = await at.bus.view("stitched");
    expect(view.get(keyOf("a"))).toMatchObject({ revision: second, value: { message: "again" } });
  });

  it("is removed, and may then be made anew as one that does not exist", async () => {
    await using at = await world();
    const revision = await at.bus.put("stitched", keyOf("a"), chain("a"));
    await at.bus.remove("stitched", keyOf("a"), { ifRevision: revision });
    expect((await at.bus.view("stitched")).entries().size).toBe(0);
    await at.bus.put("stitched", keyOf("a"), chain("a", "anew"), { ifRevision: 0 });
    expect((await at.bus.view("stitched")).get(keyOf("a"))?.value.message).toBe("anew");
    await expect(at.bus.put("stitched", keyOf("a"), chain("a"), { ifRevision: 0 })).rejects.toMatchObject(
      conflict,
    );
  });

  it("is refused by its schema before it is sent", async () => {
    await using at = await world();
    const broken = { ...chain("a"), generation: 0.5 };
    await expect(at.bus.put("stitched", keyOf("a"), broken)).rejects.toMatchObject({ code: "internal" });
    await expect(at.bus.put("stitched", "no key *", chain("a"))).rejects.toMatchObject({ code: "internal" });
  });
});

describe("many writes, each by itself", () => {
  it("are written but for those whose record changed meanwhile, which are named", async () => {
    await using at = await world();
    const first = await at.bus.put("stitched", keyOf("a"), chain("a"), { ifRevision: 0 });
    await at.bus.put("stitched", keyOf("b"), chain("b"), { ifRevision: 0 });
    const refused = await at.bus.writeEach("stitched", [
      { key: keyOf("a"), value: chain("a", "again"), ifRevision: first },
      { key: keyOf("b"), value: chain("b", "again"), ifRevision: 0 },
      { key: keyOf("c"), value: chain("c"), ifRevision: 0 },
    ]);
    expect([...refused]).toEqual([keyOf("b")]);
    const view = await at.bus.view("stitched");
    const messages = ["a", "b", "c"].map((name) => view.get(keyOf(name))?.value.message);
    expect(messages).toEqual(["again", "", ""]);
  });

  it("are one batch where none is refused, more than a batch takes too, and over deletions that a view saw", async () => {
    await using at = await world();
    const view = await at.bus.view("stitched");
    const names = Array.from({ length: maxBatch + 1 }, (_, index) => `n${index}`);
    const made = names.map((name) => ({ key: keyOf(name), value: chain(name), ifRevision: 0 }));
    expect([...(await at.bus.writeEach("stitched", made))]).toEqual([]);
    const gone = names.map((name) => ({ key: keyOf(name), value: null }));
    await at.bus.writeEach("stitched", gone);
    await eventually("they are gone", () => view.entries().size === 0);
    expect([...(await at.bus.writeEach("stitched", made))]).toEqual([]);
    expect(await at.bus.batch("stitched", [])).toBe(3 * names.length);
  });
});

describe("a batch", () => {
  it("may be decided from the whole bucket: then any write meanwhile refuses it", async () => {
    await using at = await world();
    expect(await at.bus.batch("stitched", [])).toBe(0);
    const batch = (names: string[], ifStreamRevision: number) =>
      at.bus.batch(
        "stitched",
        names.map((name) => ({ key: keyOf(name), value: chain(name) })),
        { ifStreamRevision },
      );
    const first = await batch(["a", "b"], 0);
    const other = await at.bus.put("stitched", keyOf("other"), chain("other"));
    for (const names of [["a"], ["a", "c"]])
      await expect(batch(names, first)).rejects.toMatchObject(conflict);
    expect(await at.bus.batch("stitched", [])).toBe(other);
    expect(await batch(["a"], other)).toBe(other + 1);
    expect(await batch(["a", "c"], other + 1)).toBe(other + 3);
  });

  it("writes and deletes all at once; its revisions are in a row", async () => {
    await using at = await world();
    const old = await at.bus.put("stitched", keyOf("old"), chain("old"));
    const last = await at.bus.batch("stitched", [
      { key: keyOf("a"), value: chain("a"), ifRevision: 0 },
      { key: keyOf("old"), value: null, ifRevision: old },
      { key: keyOf("b"), value: chain("b"), ifRevision: 0 },
    ]);
    const view = await at.bus.view("stitched");
    expect([...view.entries().values()].map(({ key, revision }) => [key, revision])).toEqual([
      [keyOf("a"), last - 2],
      [keyOf("b"), last],
    ]);
  });

  it("with one wrong revision writes nothing, wherever in it that is", async () => {
    await using at = await world();
    const old = await at.bus.put("stitched", keyOf("old"), chain("old"));
    const names = ["a", "b", "old", "c"];
    for (const wrong of names) {
      const batch = names.map((name) => {
        const right = name === "old" ? old : 0;
        return {
          key: keyOf(name),
          value: chain(name, "new"),
          ifRevision: name === wrong ? right + 1_000 : right,
        };
      });
      await expect(at.bus.batch("stitched", batch)).rejects.toMatchObject(conflict);
    }
    const view = await at.bus.view("stitched");
    expect([...view.entries().values()].map(({ revision }) => revision)).toEqual([old]);
  });

  it("makes anew what was deleted, among what never was", async () => {
    await using at = await world();
    await at.bus.remove("stitched", keyOf("a"));
    const names = ["a", "b"];
    const batch = names.map((name) => ({ key: keyOf(name), value: chain(name), ifRevision: 0 }));
    await at.bus.batch("stitched", batch);
    expect([...(await at.bus.view("stitched")).entries().keys()]).toEqual(names.map(keyOf));
    await expect(at.bus.batch("stitched", batch)).rejects.toMatchObject(conflict);
  });

  it("takes 1,000 writes and refuses 1,001 before anything is sent", async () => {
    await using at = await world();
    const many = Array.from({ length: maxBatch + 1 }, (_, index) => {
      const name = `chain-${index}`;
      return { key: keyOf(name), value: chain(name), ifRevision: 0 };
    });
    await expect(at.bus.batch("stitched", many)).rejects.toMatchObject({ code: "too-many-documents" });
    const last = await at.bus.batch("stitched", many.slice(0, maxBatch));
    const view = await at.bus.view("stitched");
    expect(view.entries().size).toBe(maxBatch);
    expect(last).toBe(maxBatch);
    expect(await at.bus.batch("stitched", [])).toBe(last);
  });

  it("of one is an ordinary write, and one key twice is a mistake", async () => {
    await using at = await world();
    const write = { key: keyOf("a"), value: chain("a"), ifRevision: 0 };
    await at.bus.batch("stitched", [write]);
    await expect(at.bus.batch("stitched", [write])).rejects.toMatchObject(conflict);
    await expect(at.bus.batch("stitched", [write, write])).rejects.toMatchObject({ code: "internal" });
  });
});
