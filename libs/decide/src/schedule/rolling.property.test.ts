/** What no order of events may break while shards are replaced: enough of them at work, not too many in all, and an end. */
import type { Document } from "@weft/schemas";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { group, network } from "../admit/world.test-kit.ts";
import { decideSchedule } from "./decide-schedule.ts";
import { budgetOf } from "./rolling.ts";
import { isServing, shardSights } from "./shard-sight.ts";
import { SimulatedWorld, actors } from "./simulated-world.test-kit.ts";

const minute = 60_000;
const share = fc.constantFrom(0, 1, 2, "25%", "50%");
const update = fc
  .record({ maxSurge: share, maxUnavailable: share })
  .filter(({ maxSurge, maxUnavailable }) => maxSurge !== 0 || maxUnavailable !== 0);
/** Some of it fits beside what is there, some does not. */
const cpu = fc.constantFrom("0.5", "2");
const image = fc.constantFrom(undefined, "good:1", "good:2", "bad:1");
const rule = fc.constantFrom("drop", "accept", "bad");
const replicas = fc.integer({ min: 1, max: 5 });
const spec = fc.record({
  replicas,
  update,
  image,
  resources: fc.record({ cpu }),
  config: fc.record({ default: rule }),
});
const happening = fc.oneof(
  { weight: 2, arbitrary: fc.record({ apply: spec }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 3 * minute }) }) },
  { weight: 1, arbitrary: fc.record({ fail: fc.nat({ max: 5 }) }) },
  { weight: 12, arbitrary: fc.record({ act: fc.constantFrom(...actors) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function newWorld(first: object): SimulatedWorld {
  const world = new SimulatedWorld();
  world.bad.add("bad:1").add('"bad"');
  for (const node of ["node-1", "node-2", "node-3"]) world.node(node);
  world.apply(network("inside", ["10.1.0.0/24"]));
  world.apply(group("fw", first));
  world.settle();
  return world;
}

function happen(world: SimulatedWorld, one: Happening): void {
  if ("apply" in one) world.apply(group("fw", one.apply));
  else if ("pass" in one) world.pass(one.pass);
  else if ("fail" in one) world.fail([...world.placements.keys()][one.fail] ?? "");
  else world.act(one.act);
}

function staying(world: SimulatedWorld) {
  return shardSights({ tenant: "demo", name: "fw" }, world).filter(({ value }) => !value.leaving);
}

function budgetIn(world: SimulatedWorld) {
  const documents = [...world.intents.values()].map(({ value }): Document => value.document);
  const found = documents.find((document) => document.kind === "FunctionGroup");
  if (found?.kind !== "FunctionGroup") throw new Error("there is no group");
  return budgetOf(found.spec);
}

/** One round of the scheduler, held against what the group allows. */
function expectWithinBudget(world: SimulatedWorld): void {
  const before = staying(world);
  world.act("scheduler");
  const after = staying(world);
  const { replicas: wanted, surge, unavailable } = budgetIn(world);
  expect(after.length).toBeLessThanOrEqual(Math.max(before.length, wanted + surge));
  const [was, is] = [before, after].map((shards) => shards.filter(isServing).length);
  if ((is ?? 0) < (was ?? 0)) expect(is).toBeGreaterThanOrEqual(wanted - unavailable);
}

describe("shards that are replaced, whatever happens meanwhile", () => {
  it("never leave too few at work by plan, and are never too many", () => {
    fc.assert(
      fc.property(spec, fc.array(happening, { maxLength: 60 }), (first, happenings) => {
        const world = newWorld({ ...first, image: undefined, config: { default: "drop" } });
        for (const one of happenings) {
          happen(world, one);
          expectWithinBudget(world);
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it("end as asked, or as they were ready last", () => {
    fc.assert(
      fc.property(spec, fc.array(happening, { maxLength: 40 }), (first, happenings) => {
        const world = newWorld({ ...first, image: undefined, config: { default: "drop" } });
        for (const one of happenings) if (!("fail" in one)) happen(world, one);
        world.apply(group("fw", { ...first, resources: { cpu: "0.5" } }));
        for (let round = 0; round < 3; round += 1) {
          world.settle();
          world.pass(3 * minute);
        }
        expect(decideSchedule(world, world.now)).toEqual([]);
        const shards = staying(world);
        expect(shards.length).toBe(first.replicas);
        expect(shards.every(({ current }) => current)).toBe(true);
        expect(new Set(shards.map(({ value }) => value.generation)).size).toBe(1);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it("of a bad image cost no shard that works, where there is room for the new one", () => {
    const roomy = { replicas: 3, resources: { cpu: "0.5" } };
    const event = fc.oneof(
      { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 3 * minute }) }) },
      { weight: 8, arbitrary: fc.record({ act: fc.constantFrom(...actors) }) },
    );
    fc.assert(
      fc.property(update, fc.array(event, { maxLength: 60 }), (budget, happenings) => {
        fc.pre(budget.maxSurge !== 0);
        const world = newWorld({ ...roomy, update: budget });
        const uids = staying(world).map(({ value }) => value.uid);
        world.apply(group("fw", { ...roomy, update: budget, image: "bad:1" }));
        for (const one of happenings) {
          happen(world, one);
          const serving = staying(world).filter(isServing);
          expect(serving.map(({ value }) => value.uid)).toEqual(uids);
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
