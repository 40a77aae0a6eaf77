/** Node: a host that runs an agent. Bucket weft_nodes, each record written by that node's agent alone. */
import { z } from "zod";
import { Runtime } from "../documents/workload.ts";
import { Label } from "../names.ts";

export const NodeRecord = z.strictObject({
  name: Label,
  address: z.string().describe("tunnel address"),
  chassis: z.string().describe("system-id: name of its row in OVN's Chassis table"),
  runtimes: z.array(Runtime),
  capacity: z.strictObject({ cpu: z.number(), memory: z.number() }).describe("cores, bytes"),
  datapath: z.enum(["system", "netdev"]),
  ovsVersion: z.string(),
  incarnation: z.string().describe("new at every start of the agent"),
  startedAt: z.iso.datetime(),
  metrics: z.string().optional().describe("host:port of the agent's /metrics, where its shards' series are"),
  fault: z
    .strictObject({ code: z.string(), message: z.string() })
    .optional()
    .describe("why its agent does nothing for now; left out: it does what the placements say"),
});
export type NodeRecord = z.infer<typeof NodeRecord>;
