import { describe, expect, it } from "vitest";
import { wholeBatches } from "./whole-batches.ts";

const of = (id: string, last = false) => ({ id, last });

describe("changes of a stream", () => {
  it.each([
    ["by themselves come one by one", [["a"], ["b"]], [["a"], ["b"]]],
    [
      "of a batch come with its last one",
      [
        ["a", of("x")],
        ["b", of("x")],
        ["c", of("x", true)],
      ],
      [["a", "b", "c"]],
    ],
    ["of a batch that has not ended are held", [["a", of("x")]], []],
    ["of a batch without an end come before the next one", [["a", of("x")], ["b"]], [["a"], ["b"]]],
    [
      "of two batches stay apart",
      [
        ["a", of("x")],
        ["b", of("y")],
        ["c", of("y", true)],
      ],
      [["a"], ["b", "c"]],
    ],
  ] as const)("%s", (_, messages, groups) => {
    const handedOn: (readonly string[])[] = [];
    const take = wholeBatches<string>((changes) => handedOn.push(changes));
    for (const [change, mark] of messages) take(change, mark);
    expect(handedOn).toEqual(groups);
  });
});
