/** Carries the steps of one round out: one compare-and-set write each, each about a thing of its own. */
import type { VerdictStep } from "@weft/decide";
import type { Log } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import type { HealthStore } from "./ports.ts";

type StepOf<Kind extends VerdictStep["kind"]> = Extract<VerdictStep, { kind: Kind }>;
type Executors = {
  readonly [Kind in VerdictStep["kind"]]: (step: StepOf<Kind>, store: HealthStore) => Promise<void>;
};

const executors: Executors = {
  putShardHealth: ({ key, record, ifRevision }, store) => store.put(key, record, ifRevision),
  putNodeHealth: ({ key, record, ifRevision }, store) => store.put(key, record, ifRevision),
  removeHealth: ({ key, ifRevision }, store) => store.remove(key, ifRevision),
};

export async function executeSteps(
  steps: readonly VerdictStep[],
  { store, log }: { readonly store: HealthStore; readonly log: Log },
): Promise<void> {
  await Promise.all(
    steps.map(async (step) => {
      const line = { step: step.kind, key: step.key, why: step.why };
      try {
        await executeStep(step, store);
        log.info(line, "step");
      } catch (error) {
        // The change that came between wakes the loop, and it decides again.
        if (!(error instanceof WeftError) || error.code !== "conflict") throw error;
        log.info(line, "the record changed meanwhile: looking again");
      }
    }),
  );
}

function executeStep<Kind extends VerdictStep["kind"]>(step: StepOf<Kind>, store: HealthStore) {
  const executor: (step: StepOf<Kind>, store: HealthStore) => Promise<void> = executors[step.kind];
  return executor(step, store);
}
