/** A world for tests of statuses: one in which all is ready, to be changed one record at a time. Used by tests alone. */
import type {
  HealthRecord,
  IntentRecord,
  PlacementRecord,
  RealizedRecord,
  Resource,
  ShardPlacement,
  SlotsRecord,
  StitchedRecord,
} from "@weft/schemas";
import { intentKey, nodeHealthKey, recordKey, slotCount, slotsKey } from "@weft/schemas";
import type { StatusEntry, StatusRecords } from "./index.ts";
import { resourceOf, statusWorld } from "./index.ts";

export const t0 = "2026-01-01T00:00:00.000Z";
export const t1 = "2026-01-01T00:00:01.000Z";
export const t2 = "2026-01-01T00:00:02.000Z";

type Mutable = { [Bucket in keyof StatusRecords]: Map<string, StatusEntry<never>> };

/** A ready world: networks inside and outside, group fw of two shards on two nodes, chain edge, workload w. */
export class World {
  readonly #records: Mutable = {
    intents: new Map(),
    placements: new Map(),
    realized: new Map(),
    nodes: new Map(),
    slots: new Map(),
    stitched: new Map(),
    health: new Map(),
    access: new Map(),
    shims: new Map(),
  };

  static ready(): World {
    const world = new World();
    for (const name of ["inside", "outside"]) {
      world.intent("Network", name, {
        subnets: [name === "inside" ? "10.1.0.0/16" : "10.2.0.0/16"],
        mtu: 1400,
      });
      world.stitched("network", name, `uid-${name}`);
    }
    world.intent("FunctionGroup", "fw", {
      function: "firewall",
      runtime: "namespace",
      replicas: 2,
      affinity: "client",
      resources: {},
      drain: { timeout: "10m" },
      update: { maxSurge: 1, maxUnavailable: 0, deadline: "2m" },
      config: {},
    });
    world.intent("Chain", "edge", { from: "inside", to: "outside", through: ["fw"], onFailure: "closed" });
    world.intent("Workload", "w", { runtime: "namespace", networks: [{ network: "inside" }] });
    for (const name of ["node-1", "node-2"]) world.node(name);
    world.shard(0).shard(1);
    world.slots(["fw-0", "fw-1"], 3);
    world.stitched("chain", "edge", "uid-edge", { slots: { fw: 3 } });
    world.place("workload", "w", workload());
    world.realized("workload", "w", { placementUid: "place-w" });
    world.stitched("workload", "w", "place-w");
    return world;
  }

  put(bucket: keyof StatusRecords, key: string, value: object, at = t1): this {
    this.#records[bucket].set(key, { value: value as never, revision: 1, at });
    return this;
  }
  drop(bucket: keyof StatusRecords, key: string): this {
    this.#records[bucket].delete(key);
    return this;
  }
  change(bucket: keyof StatusRecords, key: string, part: object, at = t2): this {
    const before: object = this.#records[bucket].get(key)?.value ?? {};
    return this.put(bucket, key, { ...before, ...part }, at);
  }

  intent(kind: Resource["kind"], name: string, spec: object): this {
    const document = { apiVersion: "weft.dev/v1", kind, metadata: { name, tenant: "demo" }, spec };
    const record = {
      document,
      uid: `uid-${name}`,
      generation: 1,
      createdAt: t0,
      updatedAt: t0,
      cause: "test",
    };
    return this.put(
      "intents",
      intentKey(kind, "demo", name),
      record satisfies Omit<IntentRecord, "document"> & { document: object },
      t0,
    );
  }
  node(name: string): this {
    this.put("nodes", `_.${name}`, {
      name,
      address: "198.18.0.11",
      runtimes: ["namespace"],
      capacity: { cpu: 2, memory: 1024 },
      datapath: "netdev",
      ovsVersion: "3.1",
    });
    return this.put("health", nodeHealthKey(name), { kind: "node", name, state: "ready", since: t0 });
  }
  place(kind: "shard" | "workload", name: string, placement: object): this {
    return this.put("placements", recordKey(kind, "demo", name), placement satisfies object);
  }
  realized(kind: "shard" | "workload", name: string, part: Partial<RealizedRecord>): this {
    return this.put("realized", recordKey(kind, "demo", name), {
      kind,
      tenant: "demo",
      name,
      state: "running",
      generation: 1,
      restarts: 0,
      ...part,
    });
  }
  stitched(
    kind: StitchedRecord["kind"],
    name: string,
    uid: string,
    part: Partial<StitchedRecord> = {},
  ): this {
    return this.put("stitched", recordKey(kind, "demo", name), {
      kind,
      tenant: "demo",
      name,
      uid,
      generation: 1,
      state: "programmed",
      message: "",
      at: t1,
      ...part,
    });
  }
  slots(owners: readonly (string | null)[], version: number, part: Partial<SlotsRecord> = {}): this {
    const all = Array.from({ length: slotCount }, (_, slot) => owners[slot % owners.length] ?? null);
    return this.put("slots", slotsKey("demo", "fw"), {
      tenant: "demo",
      group: "fw",
      groupUid: "uid-fw",
      version,
      owners: all,
      handoffs: [],
      ...part,
    });
  }
  shard(index: number, part: Partial<ShardPlacement> = {}): this {
    const name = `fw-${index}`;
    this.place("shard", name, shard(index, part));
    this.realized("shard", name, { placementUid: `place-${name}`, restarts: index });
    const health: Partial<HealthRecord> = {
      kind: "shard",
      tenant: "demo",
      name,
      group: "fw",
      placementUid: `place-${name}`,
      generation: 1,
      state: "ready",
      reason: "ProbePassed",
      message: "",
      since: t1,
      readyAt: t1,
    };
    return this.put("health", recordKey("shard", "demo", name), health);
  }

  records(): StatusRecords {
    return this.#records;
  }
  resource(kind: Resource["kind"], name: string): Resource {
    const world = statusWorld(this.records());
    const entry = world.intents.get(intentKey(kind, "demo", name));
    if (entry === undefined) throw new Error(`no intent ${name}`);
    return resourceOf(entry, world);
  }
  /** "True", or the reason and message why not. */
  ready(kind: Resource["kind"], name: string): string {
    const [condition] = this.resource(kind, name).status.conditions;
    return condition?.status === "True" ? "True" : `${condition?.reason}: ${condition?.message}`;
  }
}

export function shard(index: number, part: Partial<ShardPlacement> = {}): Partial<ShardPlacement> {
  const name = `fw-${index}`;
  return {
    kind: "shard",
    tenant: "demo",
    name,
    group: "fw",
    index,
    uid: `place-${name}`,
    intentUid: "uid-fw",
    generation: 1,
    node: `node-${(index % 2) + 1}`,
    runtime: "namespace",
    resources: { cpu: 0.1 },
    interfaces: [],
    routes: [],
    leaving: false,
    config: {},
    networks: {},
    ...part,
  };
}

function workload(): Partial<PlacementRecord> {
  return {
    kind: "workload",
    tenant: "demo",
    name: "w",
    uid: "place-w",
    intentUid: "uid-w",
    generation: 1,
    node: "node-1",
    runtime: "namespace",
    resources: { cpu: 0.2, memory: 100 },
    interfaces: [
      {
        name: "net0",
        port: "p",
        segment: { kind: "network", name: "inside" },
        mac: "0a:58:0a:01:00:02",
        addresses: ["10.1.0.2/16"],
        mtu: 1400,
      },
    ],
    routes: [],
    leaving: false,
  };
}

export const shardKey = (index: number) => recordKey("shard", "demo", `fw-${index}`);
export const intent = (kind: Resource["kind"], name: string) => intentKey(kind, "demo", name);
