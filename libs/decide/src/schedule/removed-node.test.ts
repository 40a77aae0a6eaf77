/** A node is removed: what stands there leaves and stands elsewhere, and nobody waits for a node that is lost. */
import { describe, expect, it } from "vitest";
import { group, workload } from "../admit/world.test-kit.ts";
import { decideSchedule, unplacedOf } from "./decide-schedule.ts";
import { nodeNames, settledWorld } from "./settled-world.test-kit.ts";
import type { SimulatedWorld } from "./simulated-world.test-kit.ts";
import { at } from "./simulated-world.test-kit.ts";

function nodesOf(made: SimulatedWorld): string[] {
  return [...made.placements.values()].flatMap(({ value }) =>
    value.kind === "shard" || value.kind === "workload" ? [value.node] : [],
  );
}

describe("a node is removed", () => {
  it("its shards and workloads come to stand elsewhere, as many as before", () => {
    const made = settledWorld(group("fw", { replicas: 3 }), workload("w", [{ network: "inside" }]));
    const before = nodesOf(made);
    expect(before).toContain("node-2");
    made.removeNode("node-2");
    made.settle();
    expect(nodesOf(made)).toHaveLength(before.length);
    expect(nodesOf(made)).not.toContain("node-2");
  });

  it("what stands on the others stays where it is", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.removeNode("node-2");
    const leaving = decideSchedule(made, at).filter(({ kind }) => kind === "leave");
    expect(leaving).toMatchObject([{ record: { node: "node-2" }, why: "its node node-2 was removed" }]);
  });

  it("a workload that must stand there has no place, and that is said", () => {
    const made = settledWorld(workload("w", [{ network: "inside" }], { node: "node-2" }));
    made.removeNode("node-2");
    made.settle();
    expect(nodesOf(made)).toEqual([]);
    expect(unplacedOf(made)).toMatchObject([{ name: "w", message: "node-2: was removed" }]);
  });

  it("with the last one nothing is placed, and nothing is lost but the place", () => {
    const made = settledWorld(group("fw", { replicas: 1 }));
    for (const node of nodeNames) made.removeNode(node);
    const kinds = decideSchedule(made, at).map(({ kind }) => kind);
    expect(kinds).toEqual(["leave"]);
  });

  it.each([
    ["lost", true],
    ["alive", false],
  ])(
    "a leaving placement there is forgotten before its realized record goes only if the node is %s",
    (_, lost) => {
      const made = settledWorld(workload("w", [{ network: "inside" }], { node: "node-2" }));
      made.removeNode("node-2");
      made.act("scheduler");
      if (lost) made.lose("node-2");
      const forgets = decideSchedule(made, at).some(({ kind }) => kind === "forget");
      expect([made.realized.size, forgets]).toEqual([1, lost]);
    },
  );

  it("a lost node that was not removed is waited for: for how long, given-up-nodes.test.ts says", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.lose("node-2");
    expect(decideSchedule(made, at)).toEqual([]);
  });
});
