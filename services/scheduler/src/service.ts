/**
 * scheduler: decides what runs on which node with which addresses, and which instance must leave.
 * Reads intents, realized, nodes, health, slots, access and shims; alone writes weft_placements; publishes placed, draining and removed.
 * It starts nothing (the agents do) and gives no slot (the stitcher does). One copy is active; the others stand by.
 */
import { randomUUID } from "node:crypto";
import { connectBus, guardBuckets, serveLogs } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { registerService, standForLeader } from "@weft/consul";
import type { Leadership } from "@weft/consul";
import type { SchedulePolicy, ScheduleSeen } from "@weft/decide";
import { decideSchedule, givingUpMs } from "@weft/decide";
import type { Service, ServiceContext, Signal } from "@weft/runtime";
import { endTimer, reconcileLoop } from "@weft/runtime";
import type { Records } from "@weft/schemas";
import type { SchedulerConfig } from "./config.ts";
import { executeSteps } from "./execute-steps.ts";
import { placementEvents } from "./placement-events.ts";
import type { PlacementStore } from "./ports.ts";

const name = "scheduler";
const ttlSeconds = 15;

export function createScheduler(
  { natsUrl, consulUrl, replaceMs }: SchedulerConfig,
  { log, clock, metricsAt }: ServiceContext,
): Service {
  const open = new AsyncDisposableStack();
  return {
    name,
    start: async () => {
      const id = `${name}-${randomUUID()}`;
      const bus = await connectBus({ url: natsUrl, name, log });
      open.defer(() => bus.close());
      open.use(serveLogs(bus, name, log, id));
      const registration = await registerService({ url: consulUrl, name, id, metricsAt, ttlSeconds, log });
      open.defer(() => registration.close());
      const leadership = await standForLeader({ url: consulUrl, service: name, id, log });
      open.defer(() => leadership.close());
      open.use(await bus.followEvents("placements", placementEvents));
      const views = await openViews(bus);
      const policy: SchedulePolicy = { replaceMs };
      const { health } = views;
      const endsMs = () => givingUpMs(health.entries(), policy);
      const givenUp = open.use(endTimer({ changed: health.changed, endsMs }, clock));
      const also = [leadership.changed, givenUp.changed];
      const loop = schedulerLoop({ bus, leadership, views, policy, also }, { log, clock });
      await loop.start();
      open.defer(() => loop.stop());
    },
    stop: () => open.disposeAsync(),
  };
}

type SchedulerViews = { readonly [N in keyof ScheduleSeen]: View<Records[N]> };

async function openViews(bus: Bus): Promise<SchedulerViews> {
  return {
    intents: await bus.view("intents"),
    placements: await bus.view("placements"),
    realized: await bus.view("realized"),
    nodes: await bus.view("nodes"),
    health: await bus.view("health"),
    slots: await bus.view("slots"),
    access: await bus.view("access"),
    shims: await bus.view("shims"),
  };
}

interface LoopPorts {
  readonly bus: Bus;
  readonly leadership: Leadership;
  readonly views: SchedulerViews;
  readonly policy: SchedulePolicy;
  /** What else wakes it beside the records. */
  readonly also: readonly Signal[];
}

function schedulerLoop(
  { bus, leadership, views, policy, also }: LoopPorts,
  { log, clock }: Pick<ServiceContext, "log" | "clock">,
): Service {
  // Shims say what a leaving would cost: that alone gives no reason to look, and a bucket of them that is lost keeps nothing from being decided.
  const { shims: _asked, ...decisive } = views;
  // What was applied together comes at once: there is nothing to gather, and all that follows waits for it.
  const { intents, ...gathered } = decisive;
  const guard = guardBuckets(bus.lineage, Object.keys(decisive) as (keyof typeof decisive)[], log);
  const store: PlacementStore = {
    write: async (writes) => void (await bus.batch("placements", writes)),
  };
  return reconcileLoop({
    name,
    clock,
    log,
    wake: [...Object.values(gathered).map(({ changed }) => changed), guard.changed, ...also],
    urgent: [intents.changed],
    // What a lost bucket knew is not wanted away: nothing is, until an operator says so.
    observe: () => (guard.mayAct() ? seenIn(views) : undefined),
    decide: (seen, now) => decideSchedule(seen, now, policy),
    execute: (steps) => executeSteps(steps, { store, newUid: () => randomUUID(), log }),
    active: () => leadership.leads(),
  });
}

function seenIn(views: SchedulerViews): ScheduleSeen {
  return {
    intents: views.intents.entries(),
    placements: views.placements.entries(),
    realized: views.realized.entries(),
    nodes: views.nodes.entries(),
    health: views.health.entries(),
    slots: views.slots.entries(),
    access: views.access.entries(),
    shims: views.shims.entries(),
  };
}
