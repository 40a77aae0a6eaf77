/**
 * network-stitcher: makes OVN's northbound database say what the records say, and decides who owns which slot.
 * Reads intents, placements, health, shims and OVN's databases; alone writes northbound rows, weft_slots and weft_stitched.
 * It starts nothing (the agents do), judges no shard (health does) and shapes no row (libs/ovn). One copy is active.
 */
import { randomUUID } from "node:crypto";
import { connectBus, guardBuckets, serveLogs } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { registerService, standForLeader } from "@weft/consul";
import type { Leadership } from "@weft/consul";
import type { StitchSeen } from "@weft/decide";
import { awaitMs, decideStitch, guardStore } from "@weft/decide";
import type { NamedEnds, Service, ServiceContext, Signal } from "@weft/runtime";
import { composeServices, endTimer, reconcileLoop } from "@weft/runtime";
import type { HealthRecord, SlotsRecord } from "@weft/schemas";
import type { StitcherConfig } from "./config.ts";
import type { StitcherStep } from "./execute-steps.ts";
import { executeSteps } from "./execute-steps.ts";
import { openOvnDatabases } from "./ovn-databases.ts";
import type { OvnDatabases, RecordStore, SeenOvn } from "./ports.ts";
import { timeHandoffs } from "./handoff-times.ts";
import { seenIn } from "./own-writes.ts";
import { readyTimes } from "./ready-times.ts";
import { removedChassisLoop } from "./removed-chassis.ts";
import { publishSlotMap } from "./slot-map.ts";
import { slotsEvents, stitchedEvents } from "./stitcher-events.ts";
import { openViews } from "./views.ts";
import type { StitcherViews } from "./views.ts";

const name = "network-stitcher";
const ttlSeconds = 15;
type Context = Pick<ServiceContext, "log" | "clock">;

export function createStitcher(config: StitcherConfig, { log, clock, metricsAt }: ServiceContext): Service {
  const open = new AsyncDisposableStack();
  return {
    name,
    start: async () => {
      const id = `${name}-${randomUUID()}`;
      const url = config.consulUrl;
      const bus = await connectBus({ url: config.natsUrl, name, log });
      open.defer(() => bus.close());
      open.use(serveLogs(bus, name, log, id));
      const ovn = await openOvnDatabases(config);
      open.defer(() => ovn.close());
      const registration = await registerService({ url, name, id, metricsAt, ttlSeconds, log });
      open.defer(() => registration.close());
      const leadership = await standForLeader({ url, service: name, id, log });
      open.defer(() => leadership.close());
      await bus.followEvents("stitched", stitchedEvents);
      await bus.followEvents("slots", slotsEvents);
      const views = await openViews(bus);
      const { slots } = views;
      const { changed: waitOver } = open.use(endTimer(awaitEnds(views.health), clock));
      const parts = composeServices(name, [
        stitchLoop({ bus, ovn, leadership, views, waitOver }, { log, clock }),
        removedChassisLoop({ bus, views, ovn, leadership }, { log, clock }),
        readyTimes({ views, leadership }, { log, clock }),
        publishSlotMap({ slots, consulUrl: url, leadership, clock, log }),
      ]);
      open.defer(() => parts.stop());
      await parts.start();
    },
    stop: () => open.disposeAsync(),
  };
}

/** When shares of a group that comes up wait for their shard no longer: a moment after a shard became ready. */
function awaitEnds(health: Pick<View<HealthRecord>, "changed" | "entries">): NamedEnds {
  const endsMs = () =>
    [...health.entries().values()].flatMap(({ value }) =>
      value.kind === "shard" && value.state === "ready" ? Date.parse(value.since) + awaitMs : [],
    );
  return { changed: health.changed, endsMs };
}

interface LoopPorts {
  readonly bus: Bus;
  readonly ovn: OvnDatabases;
  readonly leadership: Leadership;
  readonly views: StitcherViews;
  readonly waitOver: Signal;
}
type Seen = StitchSeen & Pick<SeenOvn, "epochs" | "store">;

function stitchLoop({ bus, ovn, leadership, views, waitOver }: LoopPorts, { log, clock }: Context): Service {
  const { intents, placements, health, slots, stitched, shims, realized } = views;
  const decidedFrom = [intents, placements, health, slots, stitched, shims, realized];
  const ports = {
    records: recordStore(bus, slots, clock),
    ovn,
    epoch: () => leadership.epoch(),
    rise: (above: number) => leadership.rise(above),
    standStill: onceEach((why) => log.error({ code: "store-lost" }, why)),
    log,
  };
  const guard = guardBuckets(bus.lineage, ["intents", "placements", "health", "slots", "shims"], log);
  return reconcileLoop<Seen, StitcherStep>({
    name,
    clock,
    log,
    wake: [
      ...decidedFrom.map(({ changed }) => changed),
      guard.changed,
      ovn.changed,
      leadership.changed,
      waitOver,
    ],
    urgent: [health.changed],
    observe: () => {
      const seen = ovn.look();
      if (!guard.mayAct() || seen === undefined) return undefined;
      return {
        intents: intents.entries(),
        placements: placements.entries(),
        health: health.entries(),
        slots: slots.entries(),
        stitched: stitched.entries(),
        realized: realized.entries(),
        shims: shims.entries(),
        ...seen,
      };
    },
    decide: (seen, now) => {
      const epoch = leadership.epoch();
      const latest = Math.max(...seen.epochs);
      if (latest > epoch)
        return [
          { kind: "riseAbove", epoch: latest, why: `a copy led under epoch ${latest}, after ${epoch}` },
        ];
      if (seen.epochs.some((other) => other < epoch))
        return [{ kind: "takeDatabases", epoch, why: `this copy leads since epoch ${epoch}` }];
      return guardStore(decideStitch(seen, now), { remembered: seen.store, current: intents.store });
    },
    execute: (steps) => executeSteps(steps, ports),
    active: () => leadership.leads(),
  });
}

/** Every round says the same for as long as it holds: the log has it once. */
function onceEach(tell: (text: string) => void): (text: string) => void {
  let last: string | undefined;
  return (text) => {
    if (text !== last) tell(text);
    last = text;
  };
}

function recordStore(bus: Bus, slots: View<SlotsRecord>, clock: ServiceContext["clock"]): RecordStore {
  return {
    writeSlots: async (writes) => {
      const before = new Map(writes.map(({ key }) => [key, slots.get(key)?.value ?? null]));
      const refused = await bus.writeEach("slots", writes);
      const written = writes.filter(({ key }) => !refused.has(key));
      await seenIn(slots, written, clock);
      for (const { key, value } of written) timeHandoffs(before.get(key) ?? null, value, clock.now());
      return refused;
    },
    writeStitched: (writes) => bus.writeEach("stitched", writes),
  };
}
