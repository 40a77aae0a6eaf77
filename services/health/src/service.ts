/**
 * health: says of every shard whether it is ready and of every node whether it lives.
 * Reads heartbeats, placements and nodes; alone writes weft_health; registers ready shards in Consul; publishes ready, failed,
 * lost and back. It mends nothing: the scheduler, the stitcher and the agents act on its verdicts. One copy is active and listens.
 */
import { randomUUID } from "node:crypto";
import { connectBus, guardBuckets, serveLogs } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { registerService, standForLeader } from "@weft/consul";
import type { VerdictSeen } from "@weft/decide";
import { decideVerdicts } from "@weft/decide";
import type { NamedEnds, Service, ServiceContext } from "@weft/runtime";
import { composeServices, endTimer, reconcileLoop } from "@weft/runtime";
import type { HealthRecord } from "@weft/schemas";
import type { HealthConfig } from "./config.ts";
import { executeSteps } from "./execute-steps.ts";
import { healthEvents } from "./health-events.ts";
import { listenWhileLeading } from "./leader-ear.ts";
import type { HealthStore } from "./ports.ts";
import { registerShards } from "./shard-registry.ts";

const name = "health";
const ttlSeconds = 15;

export function createHealth(config: HealthConfig, { log, clock, metricsAt }: ServiceContext): Service {
  const open = new AsyncDisposableStack();
  return {
    name,
    start: async () => {
      const id = `${name}-${randomUUID()}`;
      const url = config.consulUrl;
      const bus = await connectBus({ url: config.natsUrl, name, log });
      open.defer(() => bus.close());
      open.use(serveLogs(bus, name, log, id));
      const registration = await registerService({ url, name, id, metricsAt, ttlSeconds, log });
      open.defer(() => registration.close());
      const leadership = await standForLeader({ url, service: name, id, log });
      open.defer(() => leadership.close());
      await bus.followEvents("health", healthEvents);
      const views = {
        placements: await bus.view("placements"),
        nodes: await bus.view("nodes"),
        health: await bus.view("health"),
        slots: await bus.view("slots"),
      };
      const ear = open.use(listenWhileLeading({ bus, leadership, policy: config, clock, log }));
      const holds = open.use(endTimer(holdEnds(views.health), clock));
      const guard = guardBuckets(bus.lineage, ["placements", "nodes"], log);
      const loop = reconcileLoop({
        name,
        clock,
        log,
        wake: [...Object.values(views).map(({ changed }) => changed), holds.changed, guard.changed],
        urgent: [ear.changed],
        observe: (): VerdictSeen | undefined => {
          const heard = ear.heard();
          if (!guard.mayAct() || heard === undefined) return undefined;
          return {
            placements: views.placements.entries(),
            nodes: views.nodes.entries(),
            health: views.health.entries(),
            slots: views.slots.entries(),
            ...heard,
            nowMs: clock.now(),
          };
        },
        decide: (seen, now) => decideVerdicts(seen, now, config),
        execute: (steps) => executeSteps(steps, { store: healthStore(bus), log }),
        active: () => leadership.leads(),
      });
      const registry = registerShards({ ...views, consulUrl: url, leadership, clock, log });
      const parts = composeServices(name, [loop, registry]);
      open.defer(() => parts.stop());
      await parts.start();
    },
    stop: () => open.disposeAsync(),
  };
}

/** When shards are held back no longer that failed again and again. */
function holdEnds(health: Pick<View<HealthRecord>, "changed" | "entries">): NamedEnds {
  const endsMs = () =>
    [...health.entries().values()].flatMap(({ value }) =>
      value.kind === "shard" ? (value.heldUntilMs ?? []) : [],
    );
  return { changed: health.changed, endsMs };
}

function healthStore(bus: Bus): HealthStore {
  return {
    put: async (key, record, ifRevision) => {
      await bus.put("health", key, record, { ifRevision });
    },
    remove: (key, ifRevision) => bus.remove("health", key, { ifRevision }),
  };
}
