/** A node is lost for long: its shards are placed anew on others, and go when it comes back; never so a moment too early. */
import { describe, expect, it } from "vitest";
import { group, workload } from "../admit/world.test-kit.ts";
import { unplacedOf } from "./decide-schedule.ts";
import { defaultSchedulePolicy, givingUpMs } from "./given-up-nodes.ts";
import { settledWorld, shardsOf, stepsOf } from "./settled-world.test-kit.ts";
import type { SimulatedWorld } from "./simulated-world.test-kit.ts";
import { at } from "./simulated-world.test-kit.ts";

const { replaceMs } = defaultSchedulePolicy;

/** As `name node`, and `name node leaving`. */
function standing(made: SimulatedWorld): string[] {
  return shardsOf(made)
    .map(({ name, node, leaving }) => `${name} ${node}${leaving ? " leaving" : ""}`)
    .toSorted();
}

describe("a node is lost for long", () => {
  it("its shards are placed on others under other names, and those that were there must leave", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    expect(standing(made)).toEqual(["fw-0 node-1", "fw-1 node-2", "fw-2 node-3"]);
    made.lose("node-2");
    made.pass(replaceMs);
    made.act("scheduler");
    expect(standing(made)).toEqual([
      "fw-0 node-1",
      "fw-1 node-2 leaving",
      "fw-2 node-3",
      expect.stringMatching(/^fw-3 node-[13]$/),
    ]);
    expect(stepsOf(made)).toEqual([]);
  });

  it("nothing is made anew a moment before, and the moment is told", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.lose("node-2");
    made.pass(replaceMs - 1);
    expect(stepsOf(made)).toEqual([]);
    expect(givingUpMs(made.health, defaultSchedulePolicy)).toEqual([Date.parse(at) + replaceMs]);
  });

  it("the successor is another instance: neither uid nor addresses nor ports are those of the one before", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.lose("node-2");
    made.pass(replaceMs);
    made.act("scheduler");
    const texts = ["fw-1", "fw-3"].map((name) => {
      const found = made.placements.get(`demo.shard.${name}`)?.value;
      if (found?.kind !== "shard") throw new Error(`no ${name}`);
      return [
        found.uid,
        ...found.interfaces.flatMap(({ port, mac, addresses }) => [port, mac, ...addresses]),
      ];
    });
    expect(new Set(texts.flat()).size).toBe(texts.flat().length);
  });

  it("a shard for which nobody has room stays placed there, and leaves once somebody has", () => {
    const big = { replicas: 3, resources: { cpu: "3" } };
    const made = settledWorld(group("fw", big));
    made.lose("node-2");
    made.pass(replaceMs);
    made.act("scheduler");
    expect(standing(made)).toEqual(["fw-0 node-1", "fw-1 node-2", "fw-2 node-3"]);
    made.node("node-4");
    made.act("scheduler");
    expect(standing(made)).toEqual(["fw-0 node-1", "fw-1 node-2 leaving", "fw-2 node-3", "fw-3 node-4"]);
  });

  it("a workload there stays placed: it would be there twice if the node was only cut off", () => {
    const made = settledWorld(workload("w", [{ network: "inside" }], { node: "node-2" }));
    made.lose("node-2");
    made.pass(replaceMs);
    expect(stepsOf(made)).toEqual([]);
    expect(unplacedOf(made)).toEqual([]);
  });

  it("fewer shards are wanted meanwhile: those that were there leave, and none is placed", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.lose("node-2");
    made.pass(replaceMs);
    made.apply(group("fw", { replicas: 2 }));
    made.act("scheduler");
    expect(standing(made)).toEqual(["fw-0 node-1", "fw-1 node-2 leaving", "fw-2 node-3"]);
  });
});

describe("the node comes back", () => {
  it("its old shards go, and the group stays as it has become", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.lose("node-2");
    made.pass(replaceMs);
    made.act("scheduler");
    const became = standing(made).filter((text) => !text.endsWith("leaving"));
    made.find("node-2");
    made.settle();
    expect(standing(made)).toEqual(became);
  });

  it("before it was given up: all is as it was", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    const before = standing(made);
    made.lose("node-2");
    made.pass(replaceMs - 1);
    made.act("scheduler");
    made.find("node-2");
    made.pass(replaceMs);
    made.settle();
    expect(standing(made)).toEqual(before);
  });
});
