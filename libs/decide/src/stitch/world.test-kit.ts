/**
 * A world for tests of the stitcher: documents, placed by the real scheduler, with OVN and its chassis as plain effects.
 * Reads steps, changes maps; nothing waits. `settle` runs rounds until there is nothing left to do.
 */
import type { NodeRecord, PlacementRecord, SlotsRecord } from "@weft/schemas";
import { isInstance, nodeHealthKey, recordKey, slotsKey } from "@weft/schemas";
import { known } from "../admit/world.test-kit.ts";
import { decideSchedule } from "../schedule/index.ts";
import { followedShims } from "../shim/index.ts";
import { decideStitch } from "./decide-stitch.ts";
import type { Actual, ActualNetwork } from "./network.ts";
import { emptyNetwork } from "./network.ts";
import type { PortBinding, StitchSeen } from "./seen.ts";
import type { NetworkStep, StitchStep } from "./step.ts";
import { isNetworkStep } from "./step.ts";
import { interfacesOf } from "./topology.ts";

export const now = "2030-01-01T00:00:00.000Z";
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Found<T> = { value: T; revision: number };
type Table = keyof ActualNetwork;

export class StitchWorld {
  seen: Mutable<StitchSeen>;
  readonly nodes = ["node-1", "node-2", "node-3"];
  /** Chassis that apply nothing, as if ovn-controller hung. */
  readonly frozen = new Set<string>();
  #serial = 0;

  constructor(...documents: unknown[]) {
    this.seen = {
      intents: new Map(),
      placements: new Map(),
      health: new Map(),
      slots: new Map(),
      stitched: new Map(),
      shims: new Map(),
      realized: new Map(),
      network: emptyNetwork,
      foreignPorts: new Map(),
      progress: { wanted: 0, compiled: 0, applied: new Map() },
      bindings: new Map(),
    };
    this.apply(...documents);
  }

  /** Replaces all documents and lets the scheduler place what they need; uids stay with the names. */
  apply(...documents: unknown[]): this {
    this.seen.intents = known(...documents);
    return this.schedule();
  }

  schedule(): this {
    const seen = { ...this.seen, nodes: this.#nodes(), realized: new Map(), access: new Map() };
    for (const step of decideSchedule(seen, now)) {
      const placements = this.seen.placements as Map<string, Found<PlacementRecord>>;
      if (step.kind === "forget") placements.delete(step.key);
      else {
        const uid = `placed-${step.key}`;
        const record = step.record.kind === "group" ? step.record : { ...step.record, uid };
        placements.set(step.key, { value: record, revision: this.#next() });
      }
    }
    return this;
  }

  /** Ready, and their shims are there. */
  shards(...names: string[]): this {
    return this.#ready(names, undefined);
  }

  /** Likewise, since a moment that is known. */
  shardsSince(since: string, ...names: string[]): this {
    return this.#ready(names, since);
  }

  #ready(names: readonly string[], since: string | undefined): this {
    const there = followedShims(this.seen, ({ name }) => names.includes(name));
    this.seen.shims = new Map([...there, ...this.seen.shims]);
    return this.#verdicts(names, "ready", since);
  }

  fail(...names: string[]): this {
    return this.#verdicts(names, "failed");
  }

  loseNode(name: string): this {
    const health = this.seen.health as Map<string, Found<unknown>>;
    const value = { kind: "node", name, state: "lost" };
    health.set(nodeHealthKey(name), { value, revision: this.#next() });
    return this;
  }

  slots(group: string): SlotsRecord | undefined {
    return this.seen.slots.get(slotsKey("demo", group))?.value;
  }

  /** One look and what follows from it; the chassis have not followed yet. */
  round(): StitchStep[] {
    const steps = decideStitch(this.seen, now);
    for (const step of steps) this.#carryOut(step);
    if (steps.some(isNetworkStep))
      this.seen.progress = { ...this.seen.progress, wanted: this.seen.progress.wanted + 1 };
    return steps;
  }

  /** Shims do what the slots record asks of them; they know no flows. Those of `still` say what they said before. */
  steer(...still: string[]): this {
    const kept = [...this.seen.shims].filter(([, { value }]) => still.includes(value.shard));
    const followed = followedShims(this.seen, ({ name }) => !still.includes(name));
    this.seen.shims = new Map([...followed, ...kept]);
    return this;
  }

  /** northd compiles, chassis bind the ports of their nodes and apply. */
  follow(): this {
    const { wanted } = this.seen.progress;
    const applied = new Map(this.seen.progress.applied);
    for (const node of this.nodes) if (!this.frozen.has(node)) applied.set(`chassis-${node}`, wanted);
    this.seen.progress = { wanted, compiled: wanted, applied };
    const there = new Set(this.seen.network.switchPorts.map(({ name }) => name));
    const bindings = new Map<string, PortBinding>();
    for (const { value } of this.seen.placements.values())
      if (isInstance(value))
        for (const { port } of interfacesOf(value))
          if (there.has(port)) bindings.set(port, { chassis: `chassis-${value.node}`, up: true });
    this.seen.bindings = bindings;
    return this;
  }

  /** Its chassis was deleted: the ports stay up, and nobody has them. */
  unbind(shard: string): this {
    for (const [port, { up }] of this.seen.bindings)
      if (port.includes(`.${shard}.`))
        (this.seen.bindings as Map<string, PortBinding>).set(port, { chassis: undefined, up });
    return this;
  }

  /** Rounds until one has nothing to do. Throws when there is no end. */
  settle(): this {
    return this.settleBut();
  }

  /** Likewise, while some shims say nothing new. */
  settleBut(...still: string[]): this {
    for (let rounds = 0; rounds < 40; rounds += 1) {
      this.follow().steer(...still);
      if (this.round().length === 0) return this;
    }
    throw new Error("does not settle in 40 rounds");
  }

  #next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #nodes(): Map<string, Found<NodeRecord>> {
    return new Map(
      this.nodes.map((name, index) => [
        name,
        {
          revision: 1,
          value: {
            name,
            address: `198.18.0.${11 + index}`,
            chassis: `chassis-${name}`,
            runtimes: ["docker", "namespace"],
            capacity: { cpu: 64, memory: 2 ** 36 },
            datapath: "netdev",
            ovsVersion: "3.1.0",
            incarnation: "1",
            startedAt: now,
          },
        },
      ]),
    );
  }

  #verdicts(names: readonly string[], state: "ready" | "failed", since?: string): this {
    const health = this.seen.health as Map<string, Found<unknown>>;
    for (const name of names) {
      const key = recordKey("shard", "demo", name);
      const value = { kind: "shard", tenant: "demo", name, placementUid: `placed-${key}`, state, since };
      health.set(key, { value, revision: this.#next() });
    }
    return this;
  }

  #carryOut(step: StitchStep): void {
    if (isNetworkStep(step)) {
      this.seen.network = carryOut(this.seen.network, step, `id-${this.#next()}`);
      return;
    }
    const bucket = step.kind === "putSlots" || step.kind === "removeSlots" ? "slots" : "stitched";
    const records = new Map(this.seen[bucket] as ReadonlyMap<string, Found<unknown>>);
    if ((records.get(step.key)?.revision ?? 0) !== step.ifRevision)
      throw new Error(`conflict at ${step.key}`);
    if ("record" in step) records.set(step.key, { value: step.record, revision: this.#next() });
    else records.delete(step.key);
    Object.assign(this.seen, { [bucket]: records });
  }
}

const tables = {
  Switch: "switches",
  SwitchPort: "switchPorts",
  Router: "routers",
  RouterPort: "routerPorts",
  Policy: "policies",
} as const satisfies Record<string, Table>;

function carryOut(network: ActualNetwork, step: NetworkStep, id: string): ActualNetwork {
  const [, verb = "", what = ""] = /^(create|change|delete)(.+)$/.exec(step.kind) ?? [];
  const table = tables[what as keyof typeof tables];
  const rows: readonly Actual<{ key: string; tenant: string }>[] = network[table];
  const others = verb === "create" ? rows : rows.filter((row) => row.id !== ("id" in step ? step.id : ""));
  const old = rows.find((row) => "id" in step && row.id === step.id);
  if (verb !== "create" && old === undefined) throw new Error(`${step.kind}: no such row`);
  if (!("row" in step)) return { ...network, [table]: others };
  const parents = {
    ...parentOf(network, step),
    ...(old?.parentId === undefined ? {} : { parentId: old.parentId }),
  };
  return { ...network, [table]: [...others, { ...step.row, id: old?.id ?? id, ...parents }] };
}

function parentOf(network: ActualNetwork, step: NetworkStep): { parentId?: string } {
  if (!("row" in step)) return {};
  const parent =
    "switch" in step.row
      ? network.switches.find(({ name }) => "switch" in step.row && name === step.row.switch)
      : "router" in step.row
        ? network.routers.find(({ name }) => "router" in step.row && name === step.row.router)
        : undefined;
  return parent === undefined ? {} : { parentId: parent.id };
}
