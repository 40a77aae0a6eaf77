/**
 * agent: makes its node run what the placements say, and tells what became of them.
 * Reads placements and slots; writes containers, namespaces, links, ports of the switch, `realized` and its own `nodes` record.
 * It decides nothing (libs/decide, provision). Stopping it leaves everything running: traffic needs no agent.
 */
import { randomUUID } from "node:crypto";
import { composeServices, holdingService } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { AgentConfig } from "./config.ts";
import type { Executors } from "./execute/executor.ts";
import { createExecutors } from "./execute/executors.ts";
import { userspaceDatapath } from "./fabric/userspace-datapath.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { InsideWatch } from "./inside/inside-watch.ts";
import { RulesInForce } from "./inside/rules-in-force.ts";
import { watchInventory } from "./inventory-watch.ts";
import { nodeRecordKept } from "./node-record.ts";
import { nodeSight } from "./node-sight.ts";
import type { NodeSight } from "./node-sight.ts";
import type { AgentPorts } from "./ports.ts";
import { presence } from "./presence.ts";
import { provisioning } from "./provisioning.ts";
import { createSampler } from "./sample/sampler.ts";
import type { Sampler } from "./sample/sampler.ts";
import { serveSessions } from "./session/session-server.ts";
import { steerPackets } from "./shim/steering.ts";
import type { Steering } from "./shim/steering.ts";
import { StoreGuard } from "./store-guard.ts";
import { StoreMemory } from "./store-memory.ts";
import { keepUplinks } from "./uplink/uplinks.ts";

export interface Agent extends Service {
  /** Something of a placement is still on this node. */
  holdsAnything(): boolean;
  /** Takes away all that carries this node's marks; not while it is started. */
  clear(): Promise<void>;
}

export function createAgent(config: AgentConfig, ports: AgentPorts): Agent {
  const sight = nodeSight(config, ports);
  const memory = new StoreMemory(config.stateDir);
  const guard = guardOf(memory, ports);
  const steering = steerPackets(config, ports, { inventory: sight.inventory, memory });
  const known = { sight, steering };
  const inside = insideOf(config, ports, known);
  const executors = executorsOf(config, ports, { ...known, inside });
  const sampler = samplerOf(config, ports, known);
  const incarnation = randomUUID();
  const parts = composeServices("agent", [
    watchInventory(sight.inventory, ports),
    // Before the node's record: health calls a node lost that it knows of and has not heard.
    beating(config, ports, { sight, incarnation }),
    nodeRecordKept(config, { ports, guard, incarnation }),
    presence(config, ports),
    sampler,
    sessions(config.node, ports),
    ...userspaceDatapath(config, ports),
    provisioning(
      { sight, guard, executors, takeCounts: () => sampler.take(), resyncMs: config.resyncMs },
      ports,
    ),
    steering.shims,
    steering.replication.service,
    holdingService("looking inside", (open) => void open.use(inside.start(() => sight.links.look()))),
    keepUplinks(config.node, memory, ports),
  ]);
  return { ...parts, ...clearing(sight, executors, ports) };
}

/** What most parts are made of. */
interface Known {
  readonly sight: NodeSight;
  readonly steering: Steering;
}

function guardOf(memory: StoreMemory, { views, bus, log }: AgentPorts): StoreGuard {
  const stores = () => ({ placements: views.placements.store, access: views.access.store });
  return new StoreGuard({ memory, stores, lineage: bus.lineage, log });
}

function insideOf(
  config: AgentConfig,
  { clock, log }: AgentPorts,
  { sight: { inventory, drifts, placements }, steering: { shims } }: Known,
): InsideWatch {
  return new InsideWatch({
    inventory,
    drifts,
    rules: new RulesInForce(config.stateDir),
    placements,
    checksumOffload: hasChecksumOffload(config),
    shimSeen: (uid, rules) => shims.seenInKernel(uid, rules),
    lookMs: config.lookMs,
    clock,
    log,
  });
}

function executorsOf(
  config: AgentConfig,
  ports: AgentPorts,
  { sight, steering: { shims, firstShims }, inside }: Known & { readonly inside: InsideWatch },
): Executors {
  const { inventory, probes, placements } = sight;
  return createExecutors({
    ports,
    inventory,
    probes,
    inside,
    checksumOffload: hasChecksumOffload(config),
    placements,
    shims,
    firstShims,
  });
}

function hasChecksumOffload({ datapath }: AgentConfig): boolean {
  return datapath === "system";
}

function samplerOf(
  { node, stateDir }: AgentConfig,
  ports: AgentPorts,
  { sight: { inventory, probes, placements }, steering: { shims } }: Known,
): Sampler {
  const sampled: Parameters<typeof createSampler>[0]["sampled"] = (shards) => {
    for (const { placementUid, flows } of shards) shims.tracked(placementUid, flows);
  };
  return createSampler({ node, stateDir, inventory, probes, placements, sampled }, ports);
}

function beating(
  { node, heartbeatMs, detectionMs }: AgentConfig,
  ports: AgentPorts,
  { sight, incarnation }: { readonly sight: NodeSight; readonly incarnation: string },
): Service {
  return holdingService("heartbeat", (open) => {
    open.use(sight.probes);
    open.use(startHeartbeat({ node, incarnation, detectionMs, ...sight }, ports, heartbeatMs));
  });
}

function sessions(node: string, ports: AgentPorts): Service {
  return holdingService("sessions", (open) => {
    const server = serveSessions(node, ports);
    open.defer(() => server.close());
  });
}

function clearing(
  { inventory }: NodeSight,
  executors: Executors,
  { log }: AgentPorts,
): Pick<Agent, "holdsAnything" | "clear"> {
  const things = () => [...inventory.things([]).keys()];
  return {
    holdsAnything: () => things().length > 0,
    clear: async () => {
      await inventory.refresh();
      const why = "this node takes part no more";
      const steps = things().map((uid) => ({ kind: "remove" as const, uid, why }));
      await executors.remove(steps, (uid, err) => log.warn({ placement: uid, err }, "it stays"));
    },
  };
}
