/**
 * What an executor is: it carries out all steps of one kind together, in the context that all kinds share.
 * A step that fails concerns its placement alone: `fail` notes it, and the rest of that placement's round is left out.
 */
import type { ProvisionStep, SeenPlacement } from "@weft/decide";
import type { Outcomes } from "@weft/drivers";
import type { Probes } from "../probe/probes.ts";
import type { WireContext } from "./wire-placements.ts";

export type Kind = ProvisionStep["kind"];
export type StepOf<K extends Kind> = Extract<ProvisionStep, { readonly kind: K }>;
export type Fail = (uid: string, cause: unknown) => void;
/** Names every kind, so a step without an executor does not compile. */
export type Executors = { readonly [K in Kind]: (steps: readonly StepOf<K>[], fail: Fail) => Promise<void> };

export interface ExecutorContext extends WireContext {
  readonly probes: Probes;
  /** Placements of this node as they are now, for what only a uid is known of. */
  readonly placements: () => readonly SeenPlacement[];
}

/** For kinds whose steps have nothing to share: all at once, each failing for itself. */
export async function each<S extends ProvisionStep>(
  steps: readonly S[],
  fail: Fail,
  run: (step: S) => Promise<void>,
): Promise<void> {
  await Promise.all(
    steps.map(async (step) => {
      try {
        await run(step);
      } catch (cause) {
        fail(step.uid, cause);
      }
    }),
  );
}

/** What a driver could not do, placement by placement. */
export function failEach(outcomes: Outcomes<unknown>, fail: Fail): void {
  for (const [uid, outcome] of outcomes) if (outcome instanceof Error) fail(uid, outcome);
}
