/** Records as the services write them, for tests that stand in for these services. */
import type { NodeRecord, ShardPlacement, StitchedRecord, WorkloadPlacement } from "@weft/schemas";
import { placedShard, placedWorkload } from "@weft/testkit";

const at = "2026-01-01T00:00:00.000Z";

export const network = (name: string) => ({
  kind: "Network",
  metadata: { name, tenant: "demo" },
  spec: { subnets: ["10.1.0.0/16"] },
});

export const workload = (name: string) => ({
  kind: "Workload",
  metadata: { name, tenant: "demo" },
  spec: { networks: [{ network: "inside" }], command: ["sleep", "infinity"] },
});

export function stitchedNetwork(name: string, uid: string, generation = 1): StitchedRecord {
  return { kind: "network", tenant: "demo", name, uid, generation, state: "programmed", message: "", at };
}

export function node(name: string): NodeRecord {
  return {
    name,
    address: "198.18.0.11",
    chassis: name,
    runtimes: ["docker", "namespace"],
    capacity: { cpu: 2, memory: 2 ** 30 },
    datapath: "netdev",
    ovsVersion: "3.1.0",
    incarnation: "one",
    startedAt: at,
  };
}

export function workloadPlacement(name: string, intentUid = "intent"): WorkloadPlacement {
  return placedWorkload({
    name,
    intentUid,
    runtime: "namespace",
    resources: { cpu: 0.5 },
    command: ["sleep", "infinity"],
  });
}

/** Of the group fw. */
export function shardPlacement(name: string): ShardPlacement {
  return placedShard({ name, runtime: "namespace", resources: { cpu: 0.5 } });
}
