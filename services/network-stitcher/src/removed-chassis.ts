/**
 * Takes chassis out of OVN's southbound database, so that no tunnel is kept to them: those of removed nodes, and those of lost ones that
 * hold old policies. Decides nothing (libs/decide, access). The rest of that database is ovn-northd's and the ovn-controllers'.
 */
import { guardBuckets } from "@weft/bus";
import type { Bus } from "@weft/bus";
import type { Leadership } from "@weft/consul";
import { decideChassis, decideFences, fencesMs, watchChassis } from "@weft/decide";
import type { ChassisSeen, ChassisSight, ChassisWatch } from "@weft/decide";
import type { Clock, Log, Service } from "@weft/runtime";
import { createEmitter, endTimer, reconcileLoop } from "@weft/runtime";
import type { OvnDatabases } from "./ports.ts";
import type { StitcherViews } from "./views.ts";

type Seen = ChassisSeen & {
  readonly sights: ReadonlyMap<string, ChassisSight>;
  readonly epoch: number;
};

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
  const watch = chassisWatch(clock);
  const loop = reconcileLoop({
    name: "removed-chassis",
    clock,
    log,
    wake: [access, nodes, health, placements]
      .map(({ changed }) => changed)
      .concat(leadership.changed, ovn.changed, watch.due),
    observe: (): Seen | undefined => {
      const epoch = leadership.epoch();
      const chassis = ovn.chassis(epoch);
      const progress = ovn.look()?.progress;
      if (chassis === undefined || progress === undefined) watch.forget();
      if (!guard.mayAct() || chassis === undefined || progress === undefined) return undefined;
      const records = { access: access.entries(), nodes: nodes.entries(), health: health.entries() };
      const sights = watch.look({ ...records, progress });
      return { ...records, placements: placements.entries(), chassis, sights, deletedAtMs, epoch };
    },
    decide: (seen, now) => {
      const nowMs = Date.parse(now);
      return [...decideChassis(seen, nowMs), ...decideFences(seen, nowMs)];
    },
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
  return {
    name: loop.name,
    start: () => loop.start(),
    stop: async () => {
      watch[Symbol.dispose]();
      await loop.stop();
    },
  };
}

/** How far each chassis is, from look to look; `due` when one has stood still for long enough. */
function chassisWatch(clock: Clock) {
  let sights: ReadonlyMap<string, ChassisSight> = new Map();
  const looked = createEmitter();
  const timer = endTimer({ changed: looked, endsMs: () => fencesMs(sights) }, clock);
  return {
    due: timer.changed,
    look: (seen: ChassisWatch) => {
      sights = watchChassis(sights, seen, clock.now());
      looked.emit();
      return sights;
    },
    /** A database was away: what was seen before says nothing. */
    forget: () => {
      sights = new Map();
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
