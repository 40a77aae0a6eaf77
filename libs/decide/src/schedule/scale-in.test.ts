/** Which shard a group that shrinks lets go, and which one it takes back when it grows before that one has gone. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { group } from "../admit/world.test-kit.ts";
import { surplusOf } from "./scale-in.ts";
import { settledWorld, shardsOf, standingIn, stepsOf } from "./settled-world.test-kit.ts";
import { shardSights } from "./shard-sight.ts";
import type { SimulatedWorld } from "./simulated-world.test-kit.ts";

const fw = (replicas: number, more: object = {}) => group("fw", { replicas, ...more });

function knowing(...flows: readonly number[]): SimulatedWorld {
  const made = settledWorld(fw(flows.length));
  flows.forEach((count, index) => made.knows(`fw-${index}`, count));
  return made;
}

function leaving(made: SimulatedWorld): string[] {
  return shardsOf(made).flatMap(({ name, leaving: gone }) => (gone ? [name] : []));
}

/** Scaled to so many; the scheduler has said who goes and nobody has done anything about it. */
function shrunk(made: SimulatedWorld, replicas: number): SimulatedWorld {
  made.apply(fw(replicas));
  made.act("scheduler");
  return made;
}

describe("a group that shrinks", () => {
  it.each([
    ["the one with the fewest flows", [64, 16, 32], 2, ["fw-1"]],
    [
      "as many as are too many, each with fewer flows than those that stay",
      [64, 16, 32],
      1,
      ["fw-1", "fw-2"],
    ],
    ["of equal ones the highest index", [16, 64, 16], 2, ["fw-2"]],
    ["one whose flows nobody told before one that has some", [1, 0, 1], 2, ["fw-1"]],
  ])("lets go %s", (_, flows, replicas, gone) => {
    expect(leaving(shrunk(knowing(...flows), replicas))).toEqual(gone);
  });

  it("lets go one that does not work before one that has few flows", () => {
    const made = knowing(64, 0, 32);
    made.fail("demo.shard.fw-0");
    expect(leaving(shrunk(made, 2))).toEqual(["fw-0"]);
  });

  it("counts nothing for a shard that an earlier one of its name knew", () => {
    const made = knowing(16, 64);
    const key = "demo.shard.fw-1";
    const found = made.shims.get(key);
    if (found === undefined) throw new Error("its shim is not known");
    made.shims.set(key, { ...found, value: { ...found.value, placementUid: "an earlier one" } });
    expect(leaving(shrunk(made, 1))).toEqual(["fw-1"]);
  });

  it("never lets go one that works and has more flows than one that stays, whatever the order in which they are seen", () => {
    const shards = fc.array(fc.record({ flows: fc.constantFrom(0, 1, 2, 4, 1024), works: fc.boolean() }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(shards, fc.nat({ max: 5 }), fc.boolean(), (all, wanted, turned) => {
        const made = knowing(...all.map(({ flows }) => flows));
        all.forEach(({ works }, index) => works || made.fail(`demo.shard.fw-${index}`));
        const sights = shardSights({ tenant: "demo", name: "fw" }, made);
        const gone = surplusOf(turned ? sights.toReversed() : sights, wanted);
        const kept = sights.filter((sight) => !gone.includes(sight));
        expect(gone).toEqual(surplusOf(sights, wanted));
        expect(kept).toHaveLength(Math.min(all.length, wanted));
        for (const one of gone)
          for (const other of kept) {
            const cost = (sight: typeof one) => sight.flowsAtLeast + (sight.ready ? 2048 : 0);
            expect(cost(one)).toBeLessThanOrEqual(cost(other));
            if (cost(one) === cost(other)) expect(one.value.index).toBeGreaterThan(other.value.index);
          }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a group that grows while a shard is leaving", () => {
  it("takes that shard back, with its uid and without a time at which it must be gone", () => {
    const made = knowing(64, 16, 32);
    const before = shardsOf(made).map(({ uid }) => uid);
    shrunk(made, 2);
    made.apply(fw(3));
    expect(stepsOf(made).filter((step) => step.includes("fw-1"))).toEqual(["takeBack demo.shard.fw-1"]);
    made.settle();
    expect(shardsOf(made).map(({ uid }) => uid)).toEqual(before);
    expect(shardsOf(made).some((shard) => shard.leaving || "leavingSince" in shard)).toBe(false);
    expect(stepsOf(made)).toEqual([]);
  });

  it("takes back those with the most flows, and makes new ones of what is still missing", () => {
    const made = shrunk(knowing(64, 16, 32), 1);
    made.apply(fw(2));
    expect(stepsOf(made)).toContain("takeBack demo.shard.fw-2");
    made.apply(fw(4));
    expect(stepsOf(made).filter((step) => !step.startsWith("changePlacement"))).toEqual([
      "takeBack demo.shard.fw-2",
      "takeBack demo.shard.fw-1",
      "placeShard demo.shard.fw-3",
    ]);
  });

  it("has all its slots at the shards that it asks for in the end", () => {
    const made = shrunk(knowing(1, 1, 1), 1);
    made.act("stitcher"); // their slots have gone to another
    made.apply(fw(3));
    made.settle();
    expect(Object.keys(standingIn(made))).toHaveLength(3);
    expect(new Set(made.slots.get("demo.fw")?.value.owners).size).toBe(3);
  });

  const handsOver = (made: SimulatedWorld) => made.act("stitcher");
  it.each<[string, (made: SimulatedWorld) => void, object]>([
    ["is to be made of another image", () => undefined, { image: "other:1" }],
    ["has another configuration", () => undefined, { config: { default: "accept" } }],
    ["stands in no handoff any more", handsOver, {}],
    ["does not work", (made) => made.fail("demo.shard.fw-1"), {}],
    ["stands on a node that is lost", (made) => made.lose("node-2"), {}],
    ["stands on a node that was removed", (made) => made.removeNode("node-2"), {}],
  ])("makes a new one where the shard %s", (_, happens, more) => {
    const made = shrunk(knowing(64, 16, 32), 2);
    happens(made);
    made.apply(fw(3, more));
    expect(stepsOf(made)).toContain("placeShard demo.shard.fw-3");
    expect(stepsOf(made).some((step) => step.startsWith("takeBack"))).toBe(false);
  });

  it("makes a new one where the shard's node is cordoned", () => {
    const made = shrunk(knowing(64, 16, 32), 2);
    const spec = { node: "node-2", unschedulable: true };
    made.apply({ kind: "NodePolicy", metadata: { name: "node-2", tenant: "ops" }, spec });
    made.apply(fw(3));
    expect(stepsOf(made)).toContain("placeShard demo.shard.fw-3");
  });
});
