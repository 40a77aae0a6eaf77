/**
 * The agent's loop: sees what is placed here and what is there (observe.ts), has libs/decide say what to do, and carries it out
 * (execute/). It sees nothing, so does nothing, before every driver has answered and while the records are not to be acted on.
 */
import { decideProvision } from "@weft/decide";
import type { ProvisionStep } from "@weft/decide";
import { reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import { executeRound } from "./execute/execute-round.ts";
import type { Executors } from "./execute/executor.ts";
import type { NodeSight } from "./node-sight.ts";
import type { AgentPorts } from "./ports.ts";
import type { StoreGuard } from "./store-guard.ts";

/** While nothing is waited for, a round only finds what nobody tells of. */
const quietResyncMs = 5_000;
type Kinds = ReadonlySet<ProvisionStep["kind"]>;
const reporting: Kinds = new Set(["putRealized", "deleteRealized"]);
/** Steps that take a link or a process away, and what it counted with it. */
const endsCounting: Kinds = new Set(["unwire", "stopInstance", "remove"]);

export interface ProvisioningParts {
  readonly sight: NodeSight;
  readonly guard: Pick<StoreGuard, "mayAct">;
  readonly executors: Executors;
  /** Called before links or processes are taken away. */
  readonly takeCounts: () => void;
  /** How often it is looked while something is waited for: another try, or a restart. */
  readonly resyncMs: number;
}

export function provisioning(parts: ProvisioningParts, ports: AgentPorts): Service {
  const { sight, guard, executors, takeCounts, resyncMs } = parts;
  const { observer, inventory, drifts, links, failures } = sight;
  const { bus, views, fabric, clock, log } = ports;
  return reconcileLoop({
    name: "agent",
    clock,
    log,
    wake: [
      bus.lineage.changed,
      views.slots.changed,
      views.realized.changed,
      fabric.changed,
      inventory.changed,
      drifts.changed,
      links.changed,
    ],
    // What is placed together comes at once: there is nothing to gather, and a group's slowest shard waits for it.
    urgent: [views.placements.changed],
    resyncMs: () => (observer.awaitsTime() ? resyncMs : quietResyncMs),
    observe: () => {
      if (!inventory.knowsAll()) return undefined;
      const seen = observer.see();
      return guard.mayAct(seen) ? seen : undefined;
    },
    decide: (seen, now) => decideProvision(seen, Date.parse(now)),
    async execute(steps, seen) {
      if (steps.some(({ kind }) => endsCounting.has(kind))) takeCounts();
      const failed = await executeRound(steps, seen, { executors, failures, log });
      // A report changes nothing of what there is.
      if (steps.some(({ kind }) => !reporting.has(kind))) await inventory.refresh();
      return failed;
    },
  });
}
