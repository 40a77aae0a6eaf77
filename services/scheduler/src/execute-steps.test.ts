import type { ScheduleStep } from "@weft/decide";
import { createLog } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import { placedGroup, placedWorkload } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { executeSteps } from "./execute-steps.ts";
import type { PlacementStore } from "./ports.ts";

const group = placedGroup();
const { uid: _, ...workload } = placedWorkload();
const forget: ScheduleStep = { kind: "forget", key: "f", ifRevision: 6, why: "" };
const steps: ScheduleStep[] = [
  { kind: "placeGroup", key: "g", record: group, why: "" },
  { kind: "placeWorkload", key: "w", record: workload, why: "" },
  { kind: "changePlacement", key: "c", record: group, ifRevision: 4, why: "" },
  { kind: "leave", key: "l", record: group, ifRevision: 5, why: "" },
  forget,
];

async function execute(store: PlacementStore, given = steps): Promise<void> {
  await executeSteps(given, { store, newUid: () => "new-uid", log: createLog("test", "silent") });
}

describe("the steps of a round", () => {
  it("are one batch of writes, in order, each under the revision that it was decided from", async () => {
    const batches: unknown[] = [];
    await execute({
      write: async (writes) =>
        void batches.push(
          writes.map(({ key, value, ifRevision }) => [
            key,
            value === null ? "removed" : "uid" in value && value.uid,
            ifRevision,
          ]),
        ),
    });
    expect(batches).toEqual([
      [
        ["g", false, 0],
        ["w", "new-uid", 0],
        ["c", false, 4],
        ["l", false, 5],
        ["f", "removed", 6],
      ],
    ]);
  });

  it("end at the first batch that is refused: the rest was decided on an old sight", async () => {
    const sizes: number[] = [];
    const conflict = new WeftError("conflict", "changed meanwhile");
    const write: PlacementStore["write"] = async ({ length }) => {
      sizes.push(length);
      throw conflict;
    };
    const many = Array.from({ length: 1_001 }, (_, index) => ({ ...forget, key: `f${index}` }));
    await expect(execute({ write }, many)).rejects.toBe(conflict);
    expect(sizes).toEqual([1_000]);
  });
});
