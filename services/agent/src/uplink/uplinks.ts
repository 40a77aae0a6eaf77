/**
 * Uplinks: keeps the node's bridges for physical segments as the placements say, and reports what became of each.
 * A step that fails is tried again with each look, and what it said stands in the record until it is done.
 * Reads weft_placements; writes bridges, ovn-bridge-mappings and this node's records of uplinks in weft_realized.
 */
import { guardBuckets } from "@weft/bus";
import type { UplinkStep, UplinksSeen } from "@weft/decide";
import { decideUplinkBridges } from "@weft/decide";
import { reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { AgentPorts } from "../ports.ts";
import { hostLinks } from "./host-links.ts";
import type { StoreMemory } from "../store-memory.ts";

/** Links come and go without telling; everything else wakes the loop. */
const lookEveryMs = 2_000;

export function keepUplinks(node: string, memory: StoreMemory, ports: AgentPorts): Service {
  const { views, uplinkSwitch, clock, log } = ports;
  const guard = guardBuckets(ports.bus.lineage, ["placements"], log);
  const failures = new Map<string, string>();
  const observe = (): UplinksSeen | undefined => {
    if (!guard.mayAct() || memory.isStrange("placements", views.placements.store)) return undefined;
    const seen = uplinkSwitch.look();
    if (seen === undefined) return undefined;
    const placements = [...views.placements.entries().values()].flatMap(({ value, revision }) =>
      value.kind === "uplink" && value.nodes.includes(node) ? [{ placement: value, revision }] : [],
    );
    const realized = [...views.realized.entries()].flatMap(([key, { value }]) =>
      value.kind === "uplink" && value.node === node ? [[key, value] as const] : [],
    );
    const links = placements.length === 0 ? new Map<string, string[]>() : hostLinks();
    return { node, placements, links, failures, realized: new Map(realized), ...seen };
  };
  return reconcileLoop<UplinksSeen, UplinkStep>({
    name: "uplinks",
    clock,
    log,
    wake: [views.placements.changed, views.realized.changed, uplinkSwitch.changed],
    resyncMs: lookEveryMs,
    observe,
    decide: decideUplinkBridges,
    async execute(steps) {
      const failed: UplinkStep[] = [];
      for (const step of steps) {
        log.info({ step: step.kind, why: step.why }, "step");
        // A segment that cannot be connected keeps no other from it: it is tried again with the next look.
        const concerned = concernedBy(step);
        try {
          await carryOut(step, ports);
          if (concerned !== undefined) failures.delete(concerned);
        } catch (err) {
          failed.push(step);
          if (concerned !== undefined) failures.set(concerned, failureOf(step, err));
          log.warn({ step: step.kind, err }, "a step of an uplink failed");
        }
      }
      return failed;
    },
  });
}

/** The interface or physical network whose connecting it is a part of. */
function concernedBy(step: UplinkStep): string | undefined {
  if (step.kind === "makeBridge") return step.interface;
  return step.kind === "mapNetwork" ? step.physicalNetwork : undefined;
}

function failureOf({ kind }: UplinkStep, error: unknown): string {
  const what = kind === "makeBridge" ? "its bridge cannot be made" : "it cannot be mapped to its bridge";
  return `${what}: ${error instanceof Error ? error.message : String(error)}`;
}

async function carryOut(step: UplinkStep, { bus, views, uplinkSwitch }: AgentPorts): Promise<void> {
  switch (step.kind) {
    case "makeBridge":
      return uplinkSwitch.makeBridge(step.interface);
    case "removeBridge":
      return uplinkSwitch.removeBridge(step.bridge);
    case "mapNetwork":
      return uplinkSwitch.mapNetwork(step.physicalNetwork, step.bridge);
    case "unmapNetwork":
      return uplinkSwitch.mapNetwork(step.physicalNetwork, undefined);
    case "putRealized": {
      const ifRevision = views.realized.get(step.key)?.revision ?? 0;
      return void (await bus.put("realized", step.key, step.record, { ifRevision }));
    }
    case "deleteRealized": {
      const ifRevision = views.realized.get(step.key)?.revision;
      return ifRevision === undefined ? undefined : bus.remove("realized", step.key, { ifRevision });
    }
  }
}
