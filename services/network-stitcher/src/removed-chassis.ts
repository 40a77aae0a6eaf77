/**
 * Takes the chassis of removed nodes out of OVN's southbound database, so that no tunnel is kept to them.
 * Decides nothing (libs/decide, access). The rest of that database is ovn-northd's and the ovn-controllers'.
 */
import { guardBuckets } from "@weft/bus";
import type { Bus } from "@weft/bus";
import type { Leadership } from "@weft/consul";
import { decideChassis } from "@weft/decide";
import type { ChassisSeen } from "@weft/decide";
import type { Clock, Log, Service } from "@weft/runtime";
import { reconcileLoop } from "@weft/runtime";
import type { OvnDatabases } from "./ports.ts";
import type { StitcherViews } from "./views.ts";

type Seen = ChassisSeen & { readonly epoch: number };

export interface ChassisPorts {
  readonly bus: Pick<Bus, "lineage">;
  readonly views: StitcherViews;
  readonly ovn: OvnDatabases;
  readonly leadership: Leadership;
}

export function removedChassisLoop(
  { bus, views, ovn, leadership }: ChassisPorts,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Service {
  const { access, nodes, health, placements } = views;
  const guard = guardBuckets(bus.lineage, ["access", "nodes", "health", "placements"], log);
  const deletedAtMs = new Map<string, number>();
  return reconcileLoop({
    name: "removed-chassis",
    clock,
    log,
    wake: [access, nodes, health, placements].map(({ changed }) => changed).concat(leadership.changed),
    observe: (): Seen | undefined => {
      const epoch = leadership.epoch();
      const chassis = ovn.chassis(epoch);
      if (!guard.mayAct() || chassis === undefined) return undefined;
      const records = { access: access.entries(), nodes: nodes.entries(), health: health.entries() };
      return { ...records, placements: placements.entries(), chassis, deletedAtMs, epoch };
    },
    decide: (seen, now) => decideChassis(seen, Date.parse(now)),
    // With the epoch that it was decided under: a copy that led, stood still and leads again decides anew.
    execute: async (steps, { epoch }) => {
      for (const { chassis, removal, why } of steps) {
        log.info({ step: "removeChassis", chassis, why }, "step");
        await ovn.removeChassis(chassis, epoch);
        deletedAtMs.set(removal, clock.now());
      }
    },
    active: () => leadership.leads(),
  });
}
