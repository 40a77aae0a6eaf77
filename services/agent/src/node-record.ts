/** The node's record: what it has and how it is reached. Written at every start, so that a new incarnation is seen. */
import { cpus, totalmem } from "node:os";
import type { NodeRecord } from "@weft/schemas";
import type { AgentConfig } from "./config.ts";
import type { FabricIdentity } from "./ports.ts";

export function nodeRecord(
  config: Pick<AgentConfig, "node" | "nodeAddress" | "runtimes" | "datapath">,
  { systemId, ovsVersion }: FabricIdentity,
  {
    metrics,
    ...start
  }: { readonly incarnation: string; readonly startedAt: string; readonly metrics: string | undefined },
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
  };
}
