/**
 * health: says of every shard whether it is ready and of every node whether it lives.
 * Reads heartbeats, placements and nodes; alone writes weft_health; registers ready shards in Consul; publishes ready, failed,
 * lost and back. It mends nothing: the scheduler, the stitcher and the agents act on its verdicts. One copy is active, all listen.
 */
import { randomUUID } from "node:crypto";
import { connectBus, serveLogs } from "@weft/bus";
import type { Bus } from "@weft/bus";
import { registerService, standForLeader } from "@weft/consul";
import type { VerdictSeen } from "@weft/decide";
import { decideVerdicts } from "@weft/decide";
import type { Clock, Log, Service } from "@weft/runtime";
import { composeServices, reconcileLoop } from "@weft/runtime";
import { heartbeatWildcard } from "@weft/schemas";
import type { HealthConfig } from "./config.ts";
import { executeSteps } from "./execute-steps.ts";
import { healthEvents } from "./health-events.ts";
import { collectHeartbeats } from "./heartbeats.ts";
import type { HealthStore } from "./ports.ts";
import { registerShards } from "./shard-registry.ts";

const name = "health";
const ttlSeconds = 5;
/** Silence wakes nobody: the loop looks this often by itself. */
const resyncMs = 100;
/** What was said of shards that nobody names any more. */
const keepReportsMs = 60_000;
type Context = { readonly log: Log; readonly clock: Clock };

export function createHealth(config: HealthConfig, { log, clock }: Context): Service {
  const open = new AsyncDisposableStack();
  return {
    name,
    start: async () => {
      const id = `${name}-${randomUUID()}`;
      const url = config.consulUrl;
      const bus = await connectBus({ url: config.natsUrl, name, log });
      open.defer(() => bus.close());
      open.use(serveLogs(bus, name, log, id));
      const heartbeats = listen(bus, config, { log, clock });
      const registration = await registerService({ url, name, id, ttlSeconds, log });
      open.defer(() => registration.close());
      const leadership = await standForLeader({ url, service: name, id, log });
      open.defer(() => leadership.close());
      await bus.followEvents("health", name, healthEvents);
      const views = {
        placements: await bus.view("placements"),
        nodes: await bus.view("nodes"),
        health: await bus.view("health"),
      };
      const listeningSinceMs = clock.now();
      const loop = reconcileLoop({
        name,
        clock,
        log,
        resyncMs,
        wake: [...Object.values(views).map(({ changed }) => changed), heartbeats.changed, leadership.changed],
        observe: (): VerdictSeen => ({
          placements: views.placements.entries(),
          nodes: views.nodes.entries(),
          health: views.health.entries(),
          beats: heartbeats.beats,
          reports: heartbeats.reports,
          nowMs: clock.now(),
          listeningSinceMs,
        }),
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

/** Standbys listen too, so that whoever takes over knows at once who lives. */
function listen(bus: Bus, { detectionMs }: HealthConfig, { log, clock }: Context) {
  const heartbeats = collectHeartbeats(detectionMs);
  bus.subscribe(heartbeatWildcard, (data, subject) => {
    const now = clock.now();
    if (!heartbeats.take(data, now)) log.warn({ subject }, "this is no heartbeat: left out");
    heartbeats.forgetBefore(now - keepReportsMs);
  });
  return heartbeats;
}

function healthStore(bus: Bus): HealthStore {
  return {
    put: async (key, record, ifRevision) => {
      await bus.put("health", key, record, { ifRevision });
    },
    remove: (key, ifRevision) => bus.remove("health", key, { ifRevision }),
  };
}
