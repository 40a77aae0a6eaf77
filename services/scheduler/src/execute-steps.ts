/**
 * Executors: each kind of step as one write to weft_placements; uids are made here. A round is written as one atomic batch,
 * so that agents and stitcher meet a whole decision and a round costs one wait, however many it places.
 * A batch that is refused because a record changed ends the round with WeftError("conflict"): the loop looks again.
 */
import type { ScheduleStep } from "@weft/decide";
import type { Log } from "@weft/runtime";
import type { PlacementStore, PlacementWrite } from "./ports.ts";

type StepOf<Kind extends ScheduleStep["kind"]> = Extract<ScheduleStep, { kind: Kind }>;
type Executors = {
  readonly [Kind in ScheduleStep["kind"]]: (step: StepOf<Kind>, newUid: () => string) => PlacementWrite;
};

export interface ExecutePorts {
  readonly store: PlacementStore;
  readonly newUid: () => string;
  readonly log: Log;
}

/** The server's limit for a batch. */
const batchSize = 1_000;
const mustNotExist = 0;

const executors: Executors = {
  placeGroup: ({ key, record }) => placed(key, record),
  placeUplink: ({ key, record }) => placed(key, record),
  placeShard: ({ key, record }, newUid) => placed(key, { ...record, uid: newUid() }),
  placeWorkload: ({ key, record }, newUid) => placed(key, { ...record, uid: newUid() }),
  changePlacement: ({ key, record, ifRevision }) => ({ key, value: record, ifRevision }),
  leave: ({ key, record, ifRevision }) => ({ key, value: record, ifRevision }),
  takeBack: ({ key, record, ifRevision }) => ({ key, value: record, ifRevision }),
  forget: ({ key, ifRevision }) => ({ key, value: null, ifRevision }),
};

/**
 * In the order of the steps: a group's subnets come before its shards. Ends at the first batch that fails or is refused,
 * because what comes after was decided on the same, now old, sight.
 */
export async function executeSteps(
  steps: readonly ScheduleStep[],
  { store, newUid, log }: ExecutePorts,
): Promise<void> {
  for (let from = 0; from < steps.length; from += batchSize) {
    const batch = steps.slice(from, from + batchSize);
    await store.write(batch.map((step) => writeOf(step, newUid)));
    for (const { kind, key, why } of batch) log.info({ step: kind, key, why }, "step done");
  }
}

function placed(key: string, value: NonNullable<PlacementWrite["value"]>): PlacementWrite {
  return { key, value, ifRevision: mustNotExist };
}

function writeOf<Kind extends ScheduleStep["kind"]>(step: StepOf<Kind>, newUid: () => string) {
  const executor: (step: StepOf<Kind>, newUid: () => string) => PlacementWrite = executors[step.kind];
  return executor(step, newUid);
}
