/**
 * The node's record: what it has and how it is reached. Written at every start, so that a new incarnation is seen, and again
 * into a store that came back without it. Removing it is membership's: it is not written again for being gone.
 */
import { cpus, totalmem } from "node:os";
import { reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { NodeRecord } from "@weft/schemas";
import type { AgentConfig } from "./config.ts";
import type { AgentPorts, FabricIdentity } from "./ports.ts";
import type { StoreGuard } from "./store-guard.ts";

export interface RecordPorts {
  readonly ports: Pick<AgentPorts, "bus" | "views" | "fabric" | "clock" | "log" | "metricsAt">;
  readonly guard: Pick<StoreGuard, "changed" | "fault">;
  readonly incarnation: string;
}

export function nodeRecordKept(config: AgentConfig, { ports, guard, incarnation }: RecordPorts): Service {
  const { bus, views, fabric, clock, log, metricsAt: metrics } = ports;
  const startedAt = clock.iso();
  let told: string | undefined;
  const now = () => ({ store: views.nodes.store, fault: guard.fault });
  const put = async () => {
    const saying = JSON.stringify(now());
    const { fault } = guard;
    const record = nodeRecord(config, fabric.identity(), { incarnation, startedAt, metrics, fault });
    await bus.put("nodes", config.node, record);
    told = saying;
  };
  const loop = reconcileLoop({
    name: "node record",
    clock,
    log,
    wake: [views.nodes.changed, guard.changed, bus.lineage.changed],
    observe: now,
    decide: (seen) => (told === JSON.stringify(seen) ? [] : [{ kind: "putNode" }]),
    execute: put,
  });
  return {
    ...loop,
    start: async () => {
      await put();
      await loop.start();
    },
  };
}

interface Described extends Pick<NodeRecord, "incarnation" | "startedAt"> {
  readonly metrics: string | undefined;
  readonly fault: NodeRecord["fault"];
}

function nodeRecord(
  config: Pick<AgentConfig, "node" | "nodeAddress" | "runtimes" | "datapath">,
  { systemId, ovsVersion }: FabricIdentity,
  { fault, metrics, ...start }: Described,
): NodeRecord {
  return {
    name: config.node,
    address: config.nodeAddress,
    chassis: systemId,
    runtimes: config.runtimes,
    capacity: { cpu: cpus().length, memory: totalmem() },
    datapath: config.datapath,
    ovsVersion,
    ...start,
    ...(metrics === undefined ? {} : { metrics }),
    ...(fault === undefined ? {} : { fault }),
  };
}
