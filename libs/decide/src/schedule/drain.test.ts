/** Nodes that an operator cordons or drains: what is placed where, what moves in which order, and what stays and why. */
import { describe, expect, it } from "vitest";
import { group, workload } from "../admit/world.test-kit.ts";
import { unplacedOf } from "./decide-schedule.ts";
import { settledWorld, standingIn, stepsOf } from "./settled-world.test-kit.ts";

const policy = (node: string, wishes: object) => ({
  kind: "NodePolicy",
  metadata: { name: node, tenant: "ops" },
  spec: { node, ...wishes },
});
const host = (name: string, more: object = {}) => workload(name, [{ network: "inside" }], more);

describe("a node is cordoned", () => {
  it("nothing new is placed on it, and what is there stays", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.apply(policy("node-1", { unschedulable: true }));
    expect(stepsOf(made)).toEqual([]);
    made.apply(group("fw", { replicas: 6 }));
    made.settle();
    const { "fw-0": first, ...rest } = standingIn(made);
    expect(first).toBe("node-1");
    expect(Object.values(rest)).not.toContain("node-1");
  });

  it("what must stand there waits, and says why", () => {
    const made = settledWorld(policy("node-1", { unschedulable: true }), host("w", { node: "node-1" }));
    expect(unplacedOf(made)).toMatchObject([{ name: "w", reason: "NoRoom", message: "node-1: is cordoned" }]);
    made.apply(policy("node-1", {}));
    made.settle();
    expect(standingIn(made)).toEqual({ w: "node-1" });
  });

  it("it may be before the node is there", () => {
    const made = settledWorld(policy("node-4", { unschedulable: true }));
    made.node("node-4");
    made.apply(group("fw", { replicas: 4 }));
    made.settle();
    expect(Object.values(standingIn(made))).not.toContain("node-4");
  });
});

describe("a node is drained", () => {
  it("its shards have a successor elsewhere before they leave", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.apply(policy("node-2", { drain: true }));
    expect(stepsOf(made)).toEqual(["placeShard demo.shard.fw-3"]);
    made.act("scheduler");
    made.act("agents");
    made.act("health");
    expect(stepsOf(made)).toEqual([]);
    made.act("stitcher");
    expect(stepsOf(made)).toEqual(["leave demo.shard.fw-1"]);
    made.settle();
    expect(Object.values(standingIn(made)).toSorted()).toEqual(["node-1", "node-1", "node-3"]);
  });

  it("shards of one group go one after the other, of several groups at once", () => {
    const made = settledWorld(group("a", { replicas: 4 }), group("b", { replicas: 4 }));
    made.apply(policy("node-1", { drain: true }));
    expect(stepsOf(made)).toEqual(["placeShard demo.shard.a-4", "placeShard demo.shard.b-4"]);
    made.settle();
    expect(Object.values(standingIn(made))).not.toContain("node-1");
    expect(Object.keys(standingIn(made))).toHaveLength(8);
  });

  it("workloads leave and come again under their names, where another node has room", () => {
    const made = settledWorld(host("w"));
    expect(standingIn(made)).toEqual({ w: "node-1" });
    made.apply(policy("node-1", { drain: true }));
    expect(stepsOf(made)).toEqual(["leave demo.workload.w"]);
    made.settle();
    expect(standingIn(made)).toEqual({ w: "node-2" });
  });

  it("what is pinned to it or has no place elsewhere stays, and that is said", () => {
    const big = { resources: { cpu: "3" } };
    const made = settledWorld(group("fw", { replicas: 3, ...big }), host("pinned", { node: "node-1" }));
    made.apply(policy("node-1", { drain: true }));
    expect(stepsOf(made)).toEqual([]);
    expect(unplacedOf(made)).toMatchObject([
      {
        name: "fw",
        reason: "NoRoom",
        message: expect.stringContaining("node-1: is drained; node-2: needs 3 cores"),
      },
      { name: "pinned", reason: "Pinned" },
    ]);
  });

  it("a shard without a place elsewhere stays also where one may be missing: its leaving would make no room there", () => {
    const full = { replicas: 3, resources: { cpu: "3" }, update: { maxUnavailable: 1 } };
    const made = settledWorld(group("fw", full));
    made.apply(policy("node-1", { drain: true }));
    expect(stepsOf(made)).toEqual([]);
  });

  it("two workloads do not both count on the last room", () => {
    const made = settledWorld(
      ...["node-2", "node-3"].map((node) => host(`big-${node}`, { node, resources: { cpu: "3" } })),
      ...["a", "b", "c"].map((name) => host(name, { resources: { cpu: "1" } })),
    );
    made.apply(policy("node-1", { drain: true }));
    made.settle();
    expect(Object.keys(standingIn(made))).toHaveLength(5);
    expect(unplacedOf(made)).toMatchObject([{ kind: "Workload", reason: "NoRoom" }]);
  });

  it("once it takes what comes again, nothing moves back by itself", () => {
    const made = settledWorld(group("fw", { replicas: 3 }));
    made.apply(policy("node-2", { drain: true }));
    made.settle();
    made.apply(policy("node-2", {}));
    expect(stepsOf(made)).toEqual([]);
  });
});
