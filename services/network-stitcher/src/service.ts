/**
 * network-stitcher: makes OVN's northbound database say what the records say, and decides who owns which slot.
 * Reads intents, placements, health and OVN's databases; alone writes northbound rows, weft_slots and weft_stitched.
 * It starts nothing (the agents do), judges no shard (health does) and shapes no row (libs/ovn). One copy is active.
 */
import { randomUUID } from "node:crypto";
import { connectBus, serveLogs } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { registerService, standForLeader } from "@weft/consul";
import type { Leadership } from "@weft/consul";
import type { StitchSeen } from "@weft/decide";
import { decideStitch, guardStore } from "@weft/decide";
import type { Service, ServiceContext } from "@weft/runtime";
import { composeServices, reconcileLoop } from "@weft/runtime";
import type { SlotsRecord } from "@weft/schemas";
import type { StitcherConfig } from "./config.ts";
import type { StitcherStep } from "./execute-steps.ts";
import { executeSteps } from "./execute-steps.ts";
import { openOvnDatabases } from "./ovn-databases.ts";
import type { OvnDatabases, RecordStore, SeenOvn } from "./ports.ts";
import { removedChassisLoop } from "./removed-chassis.ts";
import { publishSlotMap } from "./slot-map.ts";
import { slotsEvents, stitchedEvents } from "./stitcher-events.ts";

const name = "network-stitcher";
const ttlSeconds = 5;
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
      const slots = await bus.view("slots");
      const parts = composeServices(name, [
        await stitchLoop({ bus, ovn, leadership, slots }, { log, clock }),
        await removedChassisLoop({ bus, ovn, leadership }, { log, clock }),
        publishSlotMap({ slots, consulUrl: url, leadership, clock, log }),
      ]);
      open.defer(() => parts.stop());
      await parts.start();
    },
    stop: () => open.disposeAsync(),
  };
}

interface LoopPorts {
  readonly bus: Bus;
  readonly ovn: OvnDatabases;
  readonly leadership: Leadership;
  readonly slots: View<SlotsRecord>;
}
type Seen = StitchSeen & Pick<SeenOvn, "epoch" | "store">;

async function stitchLoop(
  { bus, ovn, leadership, slots }: LoopPorts,
  { log, clock }: Context,
): Promise<Service> {
  const intents = await bus.view("intents");
  const placements = await bus.view("placements");
  const health = await bus.view("health");
  const stitched = await bus.view("stitched");
  const views = [intents, placements, health, slots, stitched];
  const ports = {
    records: recordStore(bus),
    ovn,
    epoch: () => leadership.epoch(),
    standStill: onceEach((why) => log.error({ code: "store-lost" }, why)),
    log,
  };
  return reconcileLoop<Seen, StitcherStep>({
    name,
    clock,
    log,
    wake: [...views.map(({ changed }) => changed), ovn.changed, leadership.changed],
    observe: () => {
      const seen = ovn.look();
      if (seen === undefined) return undefined;
      return {
        intents: intents.entries(),
        placements: placements.entries(),
        health: health.entries(),
        slots: slots.entries(),
        stitched: stitched.entries(),
        ...seen,
      };
    },
    decide: (seen, now) => {
      const epoch = leadership.epoch();
      if (seen.epoch > epoch) return []; // a later leader is at work
      if (seen.epoch < epoch)
        return [{ kind: "takeNorthbound", epoch, why: `this copy leads since epoch ${epoch}` }];
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

function recordStore(bus: Bus): RecordStore {
  return {
    writeSlots: (writes) => bus.writeEach("slots", writes),
    writeStitched: (writes) => bus.writeEach("stitched", writes),
  };
}
