/** A node in a box: what each step would make of it, without I/O. Used by the tests beside this file alone. */
import type { RealizedRecord, ShardPlacement, SlotsRecord, WorkloadPlacement } from "@weft/schemas";
import { recordKey, slotCount, slotsKey } from "@weft/schemas";
import { decideProvision } from "./decide-provision.ts";
import type { Failure, SeenPlacement, SeenThing } from "./seen.ts";
import { provisionOrder } from "./step.ts";
import type { ProvisionStep } from "./step.ts";

export const node = "node-1";
export const startMs = 1_700_000_000_000;

const base = {
  tenant: "demo",
  intentUid: "i",
  intentRevision: 1,
  generation: 1,
  node,
  runtime: "docker",
  resources: {},
  interfaces: [],
  routes: [],
  leaving: false,
} as const;
const side = {
  name: "probe-in",
  port: "p",
  segment: { kind: "inner", name: "fw" },
  mac: "0a:58:00:00:00:01",
  addresses: [],
  mtu: 1400,
} as const;

export function shard(uid: string, more: Partial<ShardPlacement> = {}): ShardPlacement {
  return {
    ...base,
    interfaces: [],
    routes: [],
    kind: "shard",
    name: `fw-${uid}`,
    uid,
    group: "fw",
    index: 0,
    function: "firewall",
    config: {},
    networks: {},
    probe: {
      inner: { ...side, addresses: [] },
      innerRoutes: [],
      outer: { ...side, addresses: [] },
      outerRoutes: [],
      targets: [],
    },
    ...more,
  };
}

export function workload(uid: string, more: Partial<WorkloadPlacement> = {}): WorkloadPlacement {
  return {
    ...base,
    interfaces: [],
    routes: [],
    kind: "workload",
    name: `w-${uid}`,
    uid,
    command: ["sleep"],
    ...more,
  };
}

export class World {
  nowMs = startMs;
  placements: SeenPlacement[] = [];
  things = new Map<string, SeenThing>();
  realized = new Map<string, RealizedRecord>();
  slots = new Map<string, SlotsRecord>();
  failures = new Map<string, Failure>();
  history: ProvisionStep[] = [];
  /** Kinds of steps that do not succeed. */
  broken = new Set<ProvisionStep["kind"]>();
  #started = 0;

  place(placement: ShardPlacement | WorkloadPlacement, wanted: Partial<SeenPlacement["wanted"]> = {}): this {
    const key = recordKey(placement.kind, placement.tenant, placement.name);
    const config = placement.kind === "shard" ? { config: "config-1" } : {};
    const seen = {
      key,
      revision: 1,
      placement,
      wanted: { spec: "spec-1", wiring: "wiring-1", ...config, ...wanted },
    };
    this.placements = [...this.placements.filter((each) => each.key !== key), seen];
    return this;
  }

  /** Shards with these placement uids are known to leave. */
  owners(name: string | null, ...leaving: string[]): this {
    const owners = Array.from({ length: slotCount }, () => name);
    this.slots.set(slotsKey("demo", "fw"), {
      tenant: "demo",
      group: "fw",
      groupUid: "i",
      leaving: leaving.map((uid) => ({ shard: `fw-${uid}`, placementUid: uid, revision: 1 })),
      nextHandoff: 1,
      version: 1,
      owners,
      handoffs: [],
    });
    return this;
  }

  change(uid: string, more: Partial<SeenThing>): this {
    this.things.set(uid, { ...(this.things.get(uid) ?? { uid, wires: false, probing: false }), ...more });
    return this;
  }

  steps(): ProvisionStep[] {
    const { placements, things, realized, slots, failures } = this;
    return decideProvision({ node, placements, things, realized, slots, failures }, this.nowMs);
  }

  kinds(): string[] {
    return this.steps().map(({ kind }) => kind);
  }

  round(): this {
    const failed = new Set<string>();
    const steps = this.steps();
    for (const kind of provisionOrder)
      for (const step of steps.filter((each) => each.kind === kind && !failed.has(each.uid))) {
        this.history.push(step);
        if (this.broken.has(kind)) failed.add(step.uid);
        else this.#apply(step);
      }
    return this;
  }

  /** Runs until there is nothing left to do; throws when that does not happen. */
  settle(rounds = 10): this {
    for (let round = 0; round < rounds; round += 1) {
      if (this.steps().length === 0) return this;
      this.round();
    }
    throw new Error(`still wants ${this.kinds().join(", ")}`);
  }

  #apply(step: ProvisionStep): void {
    const { uid } = step;
    switch (step.kind) {
      case "remove":
        this.things.delete(uid);
        return;
      case "stopProbe":
        this.change(uid, { probing: false });
        return;
      case "stopInstance":
        return this.#without(uid, "instance");
      case "unwire":
        this.change(uid, { wires: false });
        return this.#without(uid, "wiring");
      case "createHolder":
        this.change(uid, { holder: { id: `h-${uid}`, running: true, namespaceInode: 1 } });
        return;
      case "wire":
        this.#without(uid, "drift");
        this.change(uid, { wires: true, wiring: step.target.wanted.wiring });
        return;
      case "mendWiring":
        return this.#without(uid, "drift");
      case "startInstance":
        this.#started += 1;
        this.change(uid, {
          instance: {
            id: `c-${uid}`,
            running: true,
            spec: step.target.wanted.spec,
            startedAt: `start ${this.#started}`,
          },
        });
        return;
      case "loadConfig": {
        const { generation } = step.target.placement;
        this.change(uid, { config: { hash: step.target.wanted.config ?? "", generation, loadedAt: "now" } });
        return;
      }
      case "startProbe":
        this.change(uid, { probing: true });
        return;
      case "putRealized":
        this.realized.set(step.key, step.record);
        return;
      case "deleteRealized":
        this.realized.delete(step.key);
    }
  }

  #without(uid: string, field: "instance" | "wiring" | "drift"): void {
    const { [field]: _, ...rest } = this.things.get(uid) ?? { uid, wires: false, probing: false };
    this.things.set(uid, rest);
  }
}
