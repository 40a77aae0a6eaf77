import type { ScheduleStep } from "@weft/decide";
import { createLog } from "@weft/runtime";
import type { GroupPlacement } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { executeSteps } from "./execute-steps.ts";
import type { PlacementStore } from "./ports.ts";

const group: GroupPlacement = {
  kind: "group",
  tenant: "demo",
  name: "fw",
  intentUid: "u1",
  index: 0,
  affinity: "client",
  inner: [],
  outer: [],
  mtu: 1400,
};
const workload = {
  kind: "workload" as const,
  tenant: "demo",
  name: "w",
  intentUid: "u2",
  intentRevision: 1,
  generation: 1,
  node: "node-1",
  runtime: "namespace" as const,
  resources: {},
  interfaces: [],
  routes: [],
  leaving: false,
};
const steps: ScheduleStep[] = [
  { kind: "placeGroup", key: "g", record: group, why: "" },
  { kind: "placeWorkload", key: "w", record: workload, why: "" },
  { kind: "changePlacement", key: "g", record: group, ifRevision: 4, why: "" },
  { kind: "leave", key: "l", record: group, ifRevision: 5, why: "" },
  { kind: "forget", key: "f", ifRevision: 6, why: "" },
];

async function execute(store: PlacementStore): Promise<void> {
  await executeSteps(steps, { store, newUid: () => "new-uid", log: createLog("test", "silent") });
}

describe("the steps of a round", () => {
  it("are one write each, in order, under the revision that each was decided from", async () => {
    const writes: unknown[] = [];
    await execute({
      put: async (key, record, ifRevision) =>
        void writes.push([key, "uid" in record && record.uid, ifRevision]),
      remove: async (key, ifRevision) => void writes.push([key, "removed", ifRevision]),
    });
    expect(writes).toEqual([
      ["g", false, 0],
      ["w", "new-uid", 0],
      ["g", false, 4],
      ["l", false, 5],
      ["f", "removed", 6],
    ]);
  });

  it("end at the first that is refused: the rest was decided on an old sight", async () => {
    const keys: string[] = [];
    const conflict = new WeftError("conflict", "changed meanwhile");
    const put = async (key: string) => {
      if (key === "w") throw conflict;
      keys.push(key);
    };
    await expect(execute({ put, remove: put })).rejects.toBe(conflict);
    expect(keys).toEqual(["g"]);
  });
});
