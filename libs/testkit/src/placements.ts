/** Placements as the scheduler writes them, for tests that say only what they are about: each field that is not given has a plain value. */
import type { GroupPlacement, PlacedInterface, ShardPlacement, WorkloadPlacement } from "@weft/schemas";

const instance: Omit<WorkloadPlacement, "kind" | "name" | "uid"> = {
  tenant: "demo",
  intentUid: "intent",
  intentRevision: 1,
  generation: 1,
  node: "node-1",
  runtime: "docker",
  resources: {},
  interfaces: [],
  routes: [],
  leaving: false,
};

export function placedWorkload(part: Partial<WorkloadPlacement> = {}): WorkloadPlacement {
  const name = part.name ?? "w";
  return { ...instance, kind: "workload", name, uid: `placement-${name}`, ...part };
}

/** A firewall of the group fw, not wired to anything. */
export function placedShard(part: Partial<ShardPlacement> = {}): ShardPlacement {
  const { name = "fw-0", group = "fw" } = part;
  const end: PlacedInterface = {
    name: "in0",
    port: "p",
    segment: { kind: "inner", name: group },
    mac: "0a:58:64:40:00:02",
    addresses: [],
    mtu: 1400,
  };
  return {
    ...instance,
    kind: "shard",
    name,
    uid: `placement-${name}`,
    group,
    index: 0,
    function: "firewall",
    config: {},
    networks: {},
    probe: { inner: end, innerRoutes: [], outer: end, outerRoutes: [], targets: [] },
    ...part,
  };
}

export function placedGroup(part: Partial<GroupPlacement> = {}): GroupPlacement {
  return {
    kind: "group",
    tenant: "demo",
    name: "fw",
    intentUid: instance.intentUid,
    index: 0,
    affinity: "client",
    inner: ["100.64.0.0/24"],
    outer: ["100.64.1.0/24"],
    mtu: 1400,
    ...part,
  };
}
