/**
 * Uplinks: keeps the node's bridges for physical segments as the placements say, and reports what became of each.
 * Reads weft_placements; writes bridges, ovn-bridge-mappings and this node's records of uplinks in weft_realized.
 */
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
  const observe = (): UplinksSeen | undefined => {
    if (memory.isStrange("placements", views.placements.store)) return undefined;
    const seen = uplinkSwitch.look();
    if (seen === undefined) return undefined;
    const placements = [...views.placements.entries().values()].flatMap(({ value, revision }) =>
      value.kind === "uplink" && value.nodes.includes(node) ? [{ placement: value, revision }] : [],
    );
    const realized = [...views.realized.entries()].flatMap(([key, { value }]) =>
      value.kind === "uplink" && value.node === node ? [[key, value] as const] : [],
    );
    const links = placements.length === 0 ? new Map<string, string[]>() : hostLinks();
    return { node, placements, links, realized: new Map(realized), ...seen };
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
        await carryOut(step, ports).catch((err: unknown) => {
          failed.push(step);
          log.warn({ step: step.kind, err }, "a step of an uplink failed");
        });
      }
      return failed;
    },
  });
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
