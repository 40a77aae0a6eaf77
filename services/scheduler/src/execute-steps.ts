/**
 * Executors: one for each kind of step, each one write to weft_placements; uids are made here.
 * A write that is refused because the record changed ends the round with WeftError("conflict"): the loop looks again.
 */
import type { ScheduleStep } from "@weft/decide";
import type { Log } from "@weft/runtime";
import type { PlacementStore } from "./ports.ts";

type StepOf<Kind extends ScheduleStep["kind"]> = Extract<ScheduleStep, { kind: Kind }>;
type Executors = {
  readonly [Kind in ScheduleStep["kind"]]: (step: StepOf<Kind>, at: ExecutePorts) => Promise<void>;
};

export interface ExecutePorts {
  readonly store: PlacementStore;
  readonly newUid: () => string;
}

const mustNotExist = 0;

const executors: Executors = {
  placeGroup: ({ key, record }, { store }) => store.put(key, record, mustNotExist),
  placeUplink: ({ key, record }, { store }) => store.put(key, record, mustNotExist),
  placeShard: ({ key, record }, { store, newUid }) =>
    store.put(key, { ...record, uid: newUid() }, mustNotExist),
  placeWorkload: ({ key, record }, { store, newUid }) =>
    store.put(key, { ...record, uid: newUid() }, mustNotExist),
  changePlacement: ({ key, record, ifRevision }, { store }) => store.put(key, record, ifRevision),
  leave: ({ key, record, ifRevision }, { store }) => store.put(key, record, ifRevision),
  forget: ({ key, ifRevision }, { store }) => store.remove(key, ifRevision),
};

/**
 * In the order of the steps: a group's subnets come before its shards. Ends at the first write that fails or is refused,
 * because what comes after was decided on the same, now old, sight.
 */
export async function executeSteps(
  steps: readonly ScheduleStep[],
  ports: ExecutePorts & { readonly log: Log },
): Promise<void> {
  for (const step of steps) {
    await executeStep(step, ports);
    ports.log.info({ step: step.kind, key: step.key, why: step.why }, "step done");
  }
}

function executeStep<Kind extends ScheduleStep["kind"]>(step: StepOf<Kind>, ports: ExecutePorts) {
  const executor: (step: StepOf<Kind>, at: ExecutePorts) => Promise<void> = executors[step.kind];
  return executor(step, ports);
}
