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
  const { bus, views, uplinkSwitch, clock, log } = ports;
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
    async execute(steps, seen) {
      const mappings = new Map(seen.mappings);
      for (const step of steps) {
        log.info({ step: step.kind, why: step.why }, "step");
        switch (step.kind) {
          case "makeBridge":
            await uplinkSwitch.makeBridge(step.interface);
            break;
          case "removeBridge":
            await uplinkSwitch.removeBridge(step.bridge);
            break;
          case "mapNetwork":
            mappings.set(step.physicalNetwork, step.bridge);
            await uplinkSwitch.setMappings(mappings);
            break;
          case "unmapNetwork":
            mappings.delete(step.physicalNetwork);
            await uplinkSwitch.setMappings(mappings);
            break;
          case "putRealized": {
            const ifRevision = views.realized.get(step.key)?.revision ?? 0;
            await bus.put("realized", step.key, step.record, { ifRevision });
            break;
          }
          case "deleteRealized": {
            const ifRevision = views.realized.get(step.key)?.revision;
            if (ifRevision !== undefined) await bus.remove("realized", step.key, { ifRevision });
            break;
          }
        }
      }
    },
  });
}
