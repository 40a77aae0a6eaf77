/** What an operator asks for in the simulator: two networks, a host of each on every node, one group, one chain through it. */
import type { IntentRecord, NodeRecord } from "@weft/schemas";
import { Document, intentKey } from "@weft/schemas";

export const tenant = "demo";
export const groupName = "fw";
export const startOfTime = "2030-01-01T00:00:00.000Z";
export const nodes = ["node-1", "node-2", "node-3"] as const;
/** Of a shard that leaves; histories sometimes jump over it. */
export const drainMs = 10 * 60_000;

export function chassisOf(node: string): string {
  return `chassis-${node}`;
}

const fixed = [
  { kind: "Network", metadata: { name: "inside" }, spec: { subnets: ["10.1.0.0/16"] } },
  { kind: "Network", metadata: { name: "outside" }, spec: { subnets: ["10.2.0.0/16"] } },
  {
    kind: "Chain",
    metadata: { name: "edge" },
    spec: { from: "inside", to: "outside", through: [groupName] },
  },
  ...nodes.flatMap((node) =>
    ["inside", "outside"].map((network) => ({
      kind: "Workload",
      metadata: { name: `${network}-${node}` },
      spec: { node, networks: [{ network }] },
    })),
  ),
].map((document) => Document.parse({ ...document, metadata: { ...document.metadata, tenant } }));

export function fixedIntents(): [string, IntentRecord][] {
  return fixed.map((document) => intentOf(document, 1));
}

export function groupIntent(replicas: number, generation: number): [string, IntentRecord] {
  const drain = { timeout: `${drainMs / 1000}s` };
  const spec = { function: "firewall", runtime: "namespace", replicas, drain };
  const document = { kind: "FunctionGroup", metadata: { name: groupName, tenant }, spec };
  return intentOf(Document.parse(document), generation);
}

function intentOf(document: Document, generation: number): [string, IntentRecord] {
  const key = intentKey(document.kind, tenant, document.metadata.name);
  const at = { createdAt: startOfTime, updatedAt: startOfTime, cause: "simulator" };
  return [key, { document, uid: `uid-${key}`, generation, ...at }];
}

export function nodeRecord(name: string): NodeRecord {
  return {
    name,
    address: "192.0.2.1",
    chassis: chassisOf(name),
    runtimes: ["namespace"],
    capacity: { cpu: 64, memory: 2 ** 36 },
    datapath: "netdev",
    ovsVersion: "3.1.0",
    incarnation: "1",
    startedAt: startOfTime,
  };
}
