import { describe, expect, it } from "vitest";
import { readUpdate, readUpdate2 } from "./row-update.ts";

const uuid = "36bef046-7da7-43a5-905a-c17899216fcb";
const of = (row: unknown): unknown => ({ T: { [uuid]: row } });
const read = { table: "T", uuid };

describe("update notifications", () => {
  it("of RFC 7047 carry whole rows", () => {
    expect(readUpdate(of({ new: { a: 1 } }))).toEqual([{ ...read, kind: "whole", columns: { a: 1 } }]);
    expect(readUpdate(of({ old: { a: 0 }, new: { a: 1 } }))).toEqual([
      { ...read, kind: "whole", columns: { a: 1 } },
    ]);
    expect(readUpdate(of({ old: { a: 0 } }))).toEqual([{ ...read, kind: "delete" }]);
  });

  it("of update2 carry differences", () => {
    expect(readUpdate2(of({ initial: { a: 1 } }))).toEqual([{ ...read, kind: "whole", columns: { a: 1 } }]);
    expect(readUpdate2(of({ insert: {} }))).toEqual([{ ...read, kind: "whole", columns: {} }]);
    expect(readUpdate2(of({ modify: { a: 1 } }))).toEqual([{ ...read, kind: "diff", columns: { a: 1 } }]);
    expect(readUpdate2(of({ delete: null }))).toEqual([{ ...read, kind: "delete" }]);
  });

  it.each([
    ["no object", []],
    ["rows under no UUID", { T: { x: { insert: {} } } }],
    ["rows of no kind", of({})],
  ])("are refused: %s", (_, json) => {
    expect(() => readUpdate2(json)).toThrow(/wants/);
  });
});
