import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnType, valueOf } from "../../test/support/arbitrary-columns.ts";
import type { AtomicType, ColumnType } from "./column-type.ts";
import { defaultValue } from "./column-type.ts";
import { decodeValue } from "./decode.ts";
import { encodeValue } from "./encode.ts";
import { sameValue } from "./value.ts";

const one = (type: AtomicType): ColumnType => ({ key: { type }, min: 1, max: 1 });
const optional = (type: AtomicType): ColumnType => ({ key: { type }, min: 0, max: 1 });
const many = (type: AtomicType): ColumnType => ({ key: { type }, min: 0, max: "unlimited" });
const map = (key: AtomicType, value: AtomicType): ColumnType => ({
  ...many(key),
  value: { type: value },
});
const uuid = "36bef046-7da7-43a5-905a-c17899216fcb";

describe("a value that goes over the wire and back", () => {
  it("is the same, whatever its column's type", () => {
    const typed = columnType.chain((type) => fc.tuple(fc.constant(type), valueOf(type)));
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const wire: unknown = JSON.parse(JSON.stringify(encodeValue(type, value)));
        const back = decodeValue(type, wire);
        expect(back).toEqual(value);
        expect(sameValue(back, value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the wire form of RFC 7047 section 5.1", () => {
  it.each<[string, ColumnType, unknown, unknown]>([
    ["a scalar is bare", one("string"), "a", "a"],
    ["a UUID is tagged", one("uuid"), uuid, ["uuid", uuid]],
    ["a row of this transaction goes by name", one("uuid"), { named: "x" }, ["named-uuid", "x"]],
    ["an unset optional is the empty set", optional("integer"), undefined, ["set", []]],
    ["a set optional is bare", optional("integer"), 5, 5],
    ["a set", many("string"), ["b", "a"], ["set", ["b", "a"]]],
    [
      "a set that repeats itself",
      many("uuid"),
      [uuid, { named: "x" }, uuid],
      [
        "set",
        [
          ["uuid", uuid],
          ["named-uuid", "x"],
        ],
      ],
    ],
    ["a map from a record", map("string", "integer"), { a: 1 }, ["map", [["a", 1]]]],
    ["a map from a Map", map("integer", "string"), new Map([[1, "a"]]), ["map", [[1, "a"]]]],
    [
      "named rows in a map",
      map("integer", "uuid"),
      new Map([[1, { named: "q" }]]),
      ["map", [[1, ["named-uuid", "q"]]]],
    ],
  ])("%s", (_, type, value, wire) => {
    expect(encodeValue(type, value)).toEqual(wire);
  });
});

describe("what servers send", () => {
  it.each<[string, ColumnType, unknown, unknown]>([
    ["a set of one, bare", many("string"), "a", ["a"]],
    ["a scalar as a set", one("string"), ["set", ["a"]], "a"],
    ["a set in any order comes out sorted", many("integer"), ["set", [10, 9, 1]], [1, 9, 10]],
    ["the empty set of an optional", optional("uuid"), ["set", []], undefined],
  ])("%s", (_, type, wire, value) => {
    expect(decodeValue(type, wire)).toEqual(value);
  });

  it.each<[string, ColumnType, unknown]>([
    ["text for a number", one("integer"), "1"],
    ["two for one", one("string"), ["set", ["a", "b"]]],
    ["two for at most one", optional("string"), ["set", ["a", "b"]]],
    ["none for one", one("string"), ["set", []]],
    ["a bare UUID", one("uuid"), uuid],
    ["a UUID that is none", one("uuid"), ["uuid", "x"]],
    ["a set for a map", map("string", "string"), ["set", []]],
    ["a map of triples", map("string", "string"), ["map", [["a", "b", "c"]]]],
    ["a set without elements", many("string"), ["set"]],
    ["nothing", many("string"), undefined],
  ])("is refused: %s", (_, type, wire) => {
    expect(() => decodeValue(type, wire, "T.c")).toThrow(/^T\.c: /);
  });
});

describe("what a program must not write", () => {
  it.each<[string, ColumnType, unknown, RegExp]>([
    ["text for a number", one("integer"), "1", /wants integer, got "1"/],
    ["a fraction for an integer", one("integer"), 1.5, /wants integer, got 1.5/],
    ["an integer beyond 2^53", one("integer"), 2 ** 53, /wants integer/],
    ["infinity", one("real"), Infinity, /wants real, got Infinity/],
    ["a UUID that is none", one("uuid"), "ls1", /wants a UUID or \{ named/],
    ["a name with a dash", one("uuid"), { named: "a-b" }, /letters, digits and _ only/],
    ["one for a set", many("string"), "a", /wants an array of string/],
    ["an array for a map", map("string", "string"), ["a"], /wants a map/],
    ["undefined for a scalar", one("string"), undefined, /wants string, got undefined/],
    ["null", optional("string"), null, /wants string, got null/],
    ["a number in a map of text", map("string", "string"), { a: 1 }, /T\.c\[a\]: wants string, got 1/],
  ])("%s", (_, type, value, complaint) => {
    expect(() => encodeValue(type, value, "T.c")).toThrow(complaint);
  });
});

describe("a column that was never written", () => {
  it.each<[string, ColumnType, unknown]>([
    ["a scalar", one("integer"), 0],
    ["an optional", optional("string"), undefined],
    ["a set", many("string"), []],
    ["a set of at least one", { ...many("string"), min: 1 }, [""]],
    ["a map", map("string", "string"), {}],
    ["a map of at least one", { ...map("integer", "boolean"), min: 1 }, new Map([[0, false]])],
  ])("has the default that servers give it (RFC 7047 section 5.2.1): %s", (_, type, value) => {
    expect(defaultValue(type)).toEqual(value);
  });
});
