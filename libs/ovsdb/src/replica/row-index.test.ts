import { describe, expect, it } from "vitest";
import type { Uuid } from "../notation/uuid.ts";
import { RowIndex } from "./row-index.ts";

const a = "00000000-0000-4000-8000-00000000000a" as Uuid;
const b = "00000000-0000-4000-8000-00000000000b" as Uuid;

describe("an index", () => {
  it("holds what was added and not removed, by all of its values", () => {
    const index = new RowIndex(["name", "external_ids:owner"]);
    const row = { _uuid: a, name: "x", external_ids: { owner: "w" } };
    index.add(row);
    index.add({ _uuid: b, name: "x", external_ids: { owner: "w" } });
    expect(index.get(["x", "w"])).toEqual([a, b]);
    expect(index.get(["x", "v"])).toEqual([]);
    index.remove(row);
    expect(index.get(["x", "w"])).toEqual([b]);
  });

  it.each<[string, unknown]>([
    ["a key that the map lacks", {}],
    ["a name that every object has", { toString: "x" }],
  ])("tells apart %s", (_, ids) => {
    const index = new RowIndex(["ids:constructor"]);
    index.add({ _uuid: a, ids: ids as Record<string, string> });
    expect(index.get([undefined])).toEqual([a]);
  });

  it("takes keys of other maps too, and is empty for what is no map", () => {
    const index = new RowIndex(["queues:1"]);
    index.add({ _uuid: a, queues: new Map([["1", "q"]]) });
    index.add({ _uuid: b, queues: ["1"] });
    expect(index.get(["q"])).toEqual([a]);
    expect(index.get([undefined])).toEqual([b]);
  });
});
