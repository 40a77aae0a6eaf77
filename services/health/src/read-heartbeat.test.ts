import * as fc from "fast-check";
import { Heartbeat } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { heartbeatReader } from "./read-heartbeat.ts";

const shard = {
  tenant: "demo",
  name: "fw-0",
  placementUid: "p",
  running: true,
  generation: 1,
  probeAgeMs: 10,
};
const beat = { node: "node-1", incarnation: "a", sequence: 1, shards: [shard] };

describe("a heartbeat", () => {
  it("is read as the schema reads it, whatever came before", () => {
    const age = fc.option(fc.nat({ max: 100_000 }));
    const beat = {
      node: fc.constantFrom("node-1", "node-2"),
      incarnation: fc.constantFrom("a", '"sequence":1,', "b"),
      sequence: fc.nat(),
      // An older agent leaves some out.
      shards: fc.array(
        fc.record(
          { ...constants(shard), probeAgeMs: age },
          { requiredKeys: ["tenant", "name", "placementUid", "running", "generation", "probeAgeMs"] },
        ),
        { maxLength: 3 },
      ),
    };
    const beats = fc.record(beat, { requiredKeys: ["node", "incarnation", "sequence"] });
    fc.assert(
      fc.property(fc.array(beats, { maxLength: 20 }), (series) => {
        const read = heartbeatReader();
        for (const each of series) expect(read(JSON.stringify(each))).toEqual(Heartbeat.parse(each));
      }),
    );
  });

  it.each([
    ["another type", { ...beat, sequence: "1" }],
    ["a part of a number", { ...beat, sequence: 1.5 }],
    ["a number that is none", { ...beat, sequence: 1e300 }],
    ["a negative age as a text", { ...beat, shards: [{ ...shard, probeAgeMs: "-1" }] }],
    ["a field that nobody knows", { ...beat, more: 1 }],
    ["a name that is none", { ...beat, node: "Node 1" }],
    ["a name that is none, and no more", { node: "-", incarnation: "a", sequence: 4 }],
    ["nothing", null],
  ])("that has %s is refused, also after many that are right", (_, wrong) => {
    const read = heartbeatReader();
    for (const sequence of [1, 2, 3]) expect(read(JSON.stringify({ ...beat, sequence }))).toBeDefined();
    expect(read(JSON.stringify(wrong))).toBeUndefined();
    expect(read(JSON.stringify({ ...beat, sequence: 4 }))).toBeDefined();
  });

  it("that is cut off is refused", () => {
    const read = heartbeatReader();
    read(JSON.stringify(beat));
    expect(read(JSON.stringify(beat).slice(0, -1))).toBeUndefined();
  });
});

function constants<T extends object>(o: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  const entries = Object.entries(o).map(([key, value]) => [key, fc.constant(value)]);
  return Object.fromEntries(entries);
}
