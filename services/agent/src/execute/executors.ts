/**
 * Which executor carries out which kind of step, and what each is given of it. The work itself stands beside:
 * holders and instances, wiring, configurations, reports.
 */
import { each } from "./executor.ts";
import type { ExecutorContext, Executors } from "./executor.ts";
import { createHolders, removeInstance, startInstance } from "./instances.ts";
import { loadShard } from "./load-shard.ts";
import { removeAll } from "./remove.ts";
import { report } from "./report.ts";
import { wirePlacements } from "./wire-placements.ts";
import { mend, unwire } from "./wiring.ts";

export function createExecutors(context: ExecutorContext): Executors {
  const { ports, probes } = context;
  return {
    putRealized: (steps, fail) => report(steps, ports, fail),
    deleteRealized: (steps, fail) => report(steps, ports, fail),
    stopProbe: async (steps) => steps.forEach(({ uid }) => probes.stop(uid)),
    remove: (steps, fail) => removeAll(uidsOf(steps), context, fail),
    stopInstance: (steps, fail) => each(steps, fail, ({ uid }) => removeInstance(uid, ports)),
    unwire: (steps) => unwire(uidsOf(steps), context),
    createHolder: (steps, fail) => createHolders(targetsOf(steps), context, fail),
    wire: (steps, fail) => wirePlacements(steps, context, fail),
    mendWiring: (steps, fail) => each(steps, fail, (step) => mend(step, context)),
    startInstance: (steps, fail) => each(steps, fail, ({ target }) => startInstance(target, ports)),
    loadConfig: (steps, fail) => each(steps, fail, ({ target }) => loadShard(target, context)),
    startProbe: (steps, fail) =>
      each(steps, fail, async ({ target: { placement } }) => {
        if (placement.kind === "shard") probes.start(placement);
      }),
  };
}

function uidsOf(steps: readonly { readonly uid: string }[]): string[] {
  return steps.map(({ uid }) => uid);
}

function targetsOf<T>(steps: readonly { readonly target: T }[]): T[] {
  return steps.map(({ target }) => target);
}
