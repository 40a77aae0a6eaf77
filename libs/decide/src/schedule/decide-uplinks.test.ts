import type { RealizedRecord, UplinkPlacement } from "@weft/schemas";
import { PlacementRecord, uplinkKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { decideSchedule } from "./decide-schedule.ts";
import { SimulatedWorld, at } from "./simulated-world.test-kit.ts";

const uplink = { interface: "eth1", nodes: ["node-2", "node-1"] };

function document(more: object = { uplink }) {
  return {
    kind: "Network",
    metadata: { name: "lan", tenant: "demo" },
    spec: { subnets: ["10.1.0.0/16"], ...more },
  };
}

function world(): SimulatedWorld {
  const made = new SimulatedWorld();
  for (const node of ["node-1", "node-2", "node-3"]) made.node(node);
  made.apply(document());
  made.execute(decideSchedule(made, at));
  return made;
}

function placed(made: SimulatedWorld): UplinkPlacement {
  const found = PlacementRecord.parse(made.placements.get("demo.uplink.lan")?.value);
  if (found.kind !== "uplink") throw new Error("not an uplink");
  return found;
}

/** The agent's report; then the scheduler looks again. */
function report(made: SimulatedWorld, node: string, state: RealizedRecord["state"]): UplinkPlacement {
  const { tenant, name, generation, intentUid: placementUid } = placed(made);
  const of = { kind: "uplink", tenant, name, node, generation, placementUid } as const;
  const value = { ...of, placementRevision: 1, state, restarts: 0 };
  made.realized.set(uplinkKey("demo", "lan", node), { value, revision: 1 });
  made.execute(decideSchedule(made, at));
  return placed(made);
}

describe("a network with a physical segment", () => {
  it("is on no node until one has it ready, and then on the first that has", () => {
    const made = world();
    expect(placed(made)).toMatchObject({ interface: "eth1", physicalNetwork: "weft-eth1", active: null });
    expect(report(made, "node-1", "creating").active).toBeNull();
    expect(report(made, "node-1", "running").active).toEqual({ node: "node-1", chassis: "node-1" });
    expect(decideSchedule(made, at)).toEqual([]);
  });

  it("stays where it is when another node is ready too", () => {
    const made = world();
    report(made, "node-1", "running");
    expect(report(made, "node-2", "running").active?.node).toBe("node-1");
  });

  it("goes to another node when its own is lost or fails, and not back by itself", () => {
    const made = world();
    report(made, "node-2", "running");
    expect(report(made, "node-1", "running").active?.node).toBe("node-2");
    expect(report(made, "node-2", "failed").active?.node).toBe("node-1");
    expect(report(made, "node-2", "running").active?.node).toBe("node-1");
    made.lose("node-1");
    made.execute(decideSchedule(made, at));
    expect(placed(made).active?.node).toBe("node-2");
  });

  it("stays where it was while no node can, since a silent node still forwards", () => {
    const made = world();
    report(made, "node-1", "running");
    made.lose("node-1");
    made.execute(decideSchedule(made, at));
    expect(placed(made).active?.node).toBe("node-1");
  });

  it("names no node that was removed, so that its agent lets go of the cable", () => {
    const made = world();
    report(made, "node-2", "running");
    report(made, "node-1", "running");
    made.removeNode("node-2");
    made.execute(decideSchedule(made, at));
    expect(placed(made)).toMatchObject({ nodes: ["node-1"], active: { node: "node-1" } });
    expect(decideSchedule(made, at)).toEqual([]);
  });

  it("leaves a node that is not named any more, and forgets a segment that is not asked for", () => {
    const made = world();
    report(made, "node-1", "running");
    made.apply(document({ uplink: { ...uplink, nodes: ["node-3"] } }));
    made.execute(decideSchedule(made, at));
    expect(placed(made).active).toBeNull();
    made.apply(document({}));
    expect(decideSchedule(made, at)).toMatchObject([{ kind: "forget", key: "demo.uplink.lan" }]);
  });

  it("leaves a node that is drained for one that stands by, and stays where none does", () => {
    const made = world();
    report(made, "node-2", "running");
    made.apply({
      kind: "NodePolicy",
      metadata: { name: "node-2", tenant: "ops" },
      spec: { node: "node-2", drain: true },
    });
    expect(report(made, "node-1", "creating").active?.node).toBe("node-2");
    expect(report(made, "node-1", "running").active?.node).toBe("node-1");
  });
});
