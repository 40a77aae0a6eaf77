/** Changes of a group's shards: one after the other, each in the order that keeps enough of them at work, and back when they fail. */
import { describe, expect, it } from "vitest";
import { group } from "../admit/world.test-kit.ts";
import { decideSchedule, unplacedOf } from "./decide-schedule.ts";
import { nodeNames, settledWorld, shardsOf } from "./settled-world.test-kit.ts";
import { SimulatedWorld, actors } from "./simulated-world.test-kit.ts";

const minute = 60_000;
const settled = (spec: object) => settledWorld(group("fw", spec));

/** `kind name` of the steps about shards. */
function steps(made: SimulatedWorld): string[] {
  return decideSchedule(made, made.now).flatMap(({ kind, key }) =>
    key.includes(".shard.") ? [`${kind} ${key.split(".")[2]}`] : [],
  );
}

/** Lets all but the scheduler see and do what there is. */
function others(made: SimulatedWorld): void {
  for (const actor of ["agents", "health", "stitcher"] as const) made.act(actor);
}

/** The shards' steps of each of the scheduler's rounds, the others catching up between them. */
function rounds(made: SimulatedWorld): string[][] {
  const taken: string[][] = [];
  for (let round = 0; round < 30; round += 1) {
    const due = steps(made);
    if (due.length > 0) taken.push(due);
    made.act("scheduler");
    others(made);
  }
  return taken;
}

function rolledBack(made: SimulatedWorld) {
  const found = made.placements.get("demo.group.fw")?.value;
  return found?.kind === "group" ? found.rollout?.rolledBack : undefined;
}

describe("a new image", () => {
  it("comes with a new shard first; an old one leaves once the new one is ready and has slots", () => {
    const made = settled({ replicas: 3 });
    made.apply(group("fw", { replicas: 3, image: "other:1" }));
    expect(steps(made)).toEqual(["placeShard fw-3"]);
    made.act("scheduler");
    made.act("agents");
    made.act("health");
    expect(steps(made)).toEqual([]); // it is ready, and has no slots yet
    made.act("stitcher");
    expect(steps(made)).toEqual(["leave fw-2"]);
    made.act("scheduler");
    expect(steps(made)).toContain("placeShard fw-4"); // a leaving one is no more counted
  });

  it("reaches every shard, one after the other", () => {
    const made = settled({ replicas: 3 });
    made.apply(group("fw", { replicas: 3, image: "other:1" }));
    const leaves = rounds(made).map((round) => round.filter((step) => step.startsWith("leave")));
    expect(leaves.filter((round) => round.length > 0)).toEqual([
      ["leave fw-2"],
      ["leave fw-1"],
      ["leave fw-0"],
    ]);
    expect(shardsOf(made).map(({ image }) => image)).toEqual(["other:1", "other:1", "other:1"]);
  });

  it("comes to as many at a time as the group says", () => {
    const made = settled({ replicas: 4, update: { maxSurge: "50%" } });
    made.apply(group("fw", { replicas: 4, image: "other:1", update: { maxSurge: "50%" } }));
    expect(steps(made)).toEqual(["placeShard fw-4", "placeShard fw-5"]);
  });

  it("replaces what does not work first", () => {
    const made = settled({ replicas: 3 });
    made.fail("demo.shard.fw-0");
    made.act("stitcher");
    made.apply(group("fw", { replicas: 3, image: "other:1" }));
    made.act("scheduler");
    expect(steps(made)).toEqual(["leave fw-0"]);
  });

  it("waits where no node has room for a new shard, and that is said", () => {
    const full = { replicas: 3, resources: { cpu: "3" } };
    const made = settled(full);
    made.apply(group("fw", { ...full, image: "other:1" }));
    expect(rounds(made)).toEqual([]);
    expect(unplacedOf(made)).toMatchObject([
      { reason: "NoRoom", message: expect.stringContaining("beside those that it shall replace") },
    ]);
  });

  it("lets an old shard leave first where there is no room and one may be missing", () => {
    const full = { replicas: 3, resources: { cpu: "3" }, update: { maxUnavailable: 1 } };
    const made = settled(full);
    made.apply(group("fw", { ...full, image: "other:1" }));
    expect(steps(made)).toEqual(["leave fw-2"]);
    made.act("scheduler");
    expect(steps(made)).toEqual([]); // its room is not free yet
    rounds(made);
    expect(shardsOf(made).map(({ image }) => image)).toEqual(["other:1", "other:1", "other:1"]);
  });

  it("puts new ones beside the old ones where there is room, though one may be missing", () => {
    const made = settled({ replicas: 3, update: { maxUnavailable: 1 } });
    made.apply(group("fw", { replicas: 3, image: "other:1", update: { maxUnavailable: 1 } }));
    expect(steps(made)).toEqual(["placeShard fw-3"]);
  });
});

describe("a new image of which no shard becomes ready", () => {
  const bad = { replicas: 3, image: "bad:1" };
  function failing(): SimulatedWorld {
    const made = settled({ replicas: 3 });
    made.bad.add("bad:1");
    made.apply(group("fw", bad));
    rounds(made);
    return made;
  }

  it("stops at the first shard, and costs none that works", () => {
    const made = failing();
    expect(
      shardsOf(made)
        .filter(({ image }) => image === "bad:1")
        .map(({ name }) => name),
    ).toEqual(["fw-3"]);
    expect(shardsOf(made).filter(({ leaving }) => leaving)).toEqual([]);
    made.pass(2 * minute);
    expect(steps(made)).toEqual([]);
  });

  it("stops at the first shard also where none of the old ones works", () => {
    const made = settled({ replicas: 3 });
    made.bad.add("bad:1");
    for (const name of ["fw-0", "fw-1", "fw-2"]) made.fail(`demo.shard.${name}`);
    made.apply(group("fw", bad));
    rounds(made);
    expect(shardsOf(made).filter(({ image }) => image === "bad:1")).toHaveLength(1);
  });

  it("is taken back after its deadline: the failed shard goes, and the old ones were never touched", () => {
    const made = failing();
    const uids = shardsOf(made)
      .filter(({ image }) => image === undefined)
      .map(({ uid }) => uid);
    made.pass(2 * minute + 1);
    expect(steps(made)).toContain("leave fw-3");
    made.settle();
    expect(shardsOf(made).map(({ uid }) => uid)).toEqual(uids);
    expect(rolledBack(made)).toMatchObject({
      generation: 2,
      message: "fw-3 was not ready with generation 2 within 2m",
    });
    made.pass(60 * minute);
    expect(decideSchedule(made, made.now)).toEqual([]);
  });

  it("is taken back also where it had begun well", () => {
    const made = settled({ replicas: 3 });
    made.apply(group("fw", bad));
    for (let round = 0; round < 3; round += 1) {
      made.act("scheduler");
      others(made);
    }
    expect(shardsOf(made).filter(({ image, leaving }) => image === "bad:1" && !leaving).length).toBe(2);
    made.bad.add("bad:1");
    rounds(made);
    made.pass(2 * minute + 1);
    rounds(made);
    expect(shardsOf(made).map(({ image, generation }) => [image, generation])).toEqual(
      Array.from({ length: 3 }, () => [undefined, 1]),
    );
  });

  it("is taken back also where its process ends and is started again and again, though probes pass", () => {
    const made = settled({ replicas: 3 });
    made.apply(group("fw", { ...bad, image: "ends:1" }));
    made.act("scheduler");
    made.act("agents");
    made.pass(1_000);
    made.stumble("demo.shard.fw-3");
    for (let round = 0; round < 5; round += 1) for (const one of actors) made.act(one);
    expect(shardsOf(made).filter(({ leaving }) => leaving)).toEqual([]);
    made.pass(2 * minute + 1);
    rounds(made);
    expect(shardsOf(made).map(({ name }) => name)).toEqual(["fw-0", "fw-1", "fw-2"]);
    expect(rolledBack(made)?.generation).toBe(2);
  });

  it("is not blamed for a process that ended before it was asked for", () => {
    const made = settled({ replicas: 2 });
    made.stumble("demo.shard.fw-0");
    made.pass(1_000);
    made.apply(group("fw", { replicas: 2, config: { default: "accept" } }));
    expect(rounds(made)).toEqual([["changePlacement fw-0"], ["changePlacement fw-1"]]);
  });

  it("is tried anew with the next generation, whose failure counts from its own beginning", () => {
    const made = failing();
    made.pass(3 * minute);
    made.settle();
    made.apply(group("fw", { ...bad, resources: { cpu: "0.1" } }));
    expect(steps(made)).toEqual(["placeShard fw-3"]);
    rounds(made);
    made.pass(minute);
    expect(steps(made)).toEqual([]);
    made.pass(2 * minute);
    expect(steps(made)).toContain("leave fw-3");
  });

  it("scaled by a generation that asks for another image, the group is done with it", () => {
    const made = failing();
    made.pass(3 * minute);
    made.settle();
    made.apply(group("fw", { replicas: 4 }));
    made.settle();
    expect(shardsOf(made).map(({ generation, image }) => [generation, image])).toEqual(
      Array.from({ length: 4 }, () => [3, undefined]),
    );
    expect(rolledBack(made)).toBeUndefined();
  });

  it("is kept, and waited for, where nothing was ever ready before it", () => {
    const made = new SimulatedWorld();
    for (const node of nodeNames) made.node(node);
    made.bad.add("bad:1");
    made.apply(group("fw", bad));
    rounds(made);
    made.pass(60 * minute);
    expect(decideSchedule(made, made.now)).toEqual([]);
    expect(shardsOf(made)).toHaveLength(3);
  });

  it("is not blamed for a node that is lost", () => {
    const made = settled({ replicas: 3 });
    made.apply(group("fw", { replicas: 3, image: "other:1" }));
    made.act("scheduler");
    made.lose(shardsOf(made).find(({ name }) => name === "fw-3")?.node ?? "");
    made.pass(60 * minute);
    expect(rolledBack(made)).toBeUndefined();
    // What stood there is given up, and the change goes on elsewhere.
    expect(steps(made)).toEqual(["leave fw-0", "leave fw-3", "placeShard fw-4", "placeShard fw-5"]);
  });
});

describe("a new configuration", () => {
  it("goes to one shard at a time where it is, the next when the one before has it live", () => {
    const made = settled({ replicas: 3 });
    const uids = shardsOf(made).map(({ uid }) => uid);
    made.apply(group("fw", { replicas: 3, config: { default: "accept" } }));
    expect(rounds(made)).toEqual([
      ["changePlacement fw-0"],
      ["changePlacement fw-1"],
      ["changePlacement fw-2"],
    ]);
    expect(shardsOf(made).map(({ uid }) => uid)).toEqual(uids);
    expect(
      shardsOf(made).every(({ generation, config }) => generation === 2 && config["default"] === "accept"),
    ).toBe(true);
  });

  it("that a shard refuses stops there, and is taken back after the deadline", () => {
    const made = settled({ replicas: 3, config: { default: "drop" } });
    made.bad.add('"accept"');
    made.apply(group("fw", { replicas: 3, config: { default: "accept" } }));
    expect(rounds(made)).toEqual([["changePlacement fw-0"]]);
    made.pass(2 * minute + 1);
    expect(rounds(made)).toEqual([["changePlacement fw-0"]]);
    expect(shardsOf(made).every(({ config }) => config["default"] === "drop")).toBe(true);
    expect(rolledBack(made)?.generation).toBe(2);
  });

  it("is held up by no shard that was failing before", () => {
    const made = settled({ replicas: 3 });
    made.fail("demo.shard.fw-1");
    made.pass(minute);
    made.apply(group("fw", { replicas: 3, config: { default: "accept" } }));
    expect(rounds(made).flat()).toEqual([
      "changePlacement fw-0",
      "changePlacement fw-2",
      "changePlacement fw-1",
    ]);
    made.pass(60 * minute);
    made.fail("demo.shard.fw-1");
    expect(rolledBack(made)).toBeUndefined();
  });

  it("is told along with another number of shards", () => {
    const made = settled({ replicas: 2 });
    made.apply(group("fw", { replicas: 3, config: { default: "accept" } }));
    expect(steps(made)).toEqual(["changePlacement fw-0", "placeShard fw-2"]);
  });
});
