/**
 * A world without I/O in which decisions of the scheduler are carried out, for its property tests.
 * Each actor does one round of what the real one does: scheduler, agents, health, stitcher. All of it is plain records.
 */
import type {
  IntentRecord,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  Records as Buckets,
} from "@weft/schemas";
import {
  Document,
  intentKey,
  isInstance,
  nodeAccessKey,
  nodeHealthKey,
  recordKey,
  slotsKey,
} from "@weft/schemas";
import { canonicalText } from "../admit/canonical.ts";
import { intentOf } from "../admit/world.test-kit.ts";
import { assignSlots } from "../slots/assign-slots.ts";
import { decideSchedule } from "./decide-schedule.ts";
import type { Found, ScheduleSeen } from "./seen.ts";
import type { ScheduleStep } from "./step.ts";

export const at = "2030-01-01T00:00:00.000Z";

type Bucket<T> = Map<string, Found<T>>;
export type Actor = "scheduler" | "agents" | "health" | "stitcher";
export const actors: readonly Actor[] = ["scheduler", "agents", "health", "stitcher"];

export class SimulatedWorld implements ScheduleSeen {
  readonly intents: Bucket<IntentRecord> = new Map();
  readonly placements: Bucket<PlacementRecord> = new Map();
  readonly realized: Bucket<RealizedRecord> = new Map();
  readonly nodes: Bucket<NodeRecord> = new Map();
  readonly health: Bucket<Buckets["health"]> = new Map();
  readonly slots: Bucket<Buckets["slots"]> = new Map();
  readonly access: Bucket<Buckets["access"]> = new Map();
  readonly shims: Bucket<Buckets["shims"]> = new Map();
  /** Images of which no shard becomes ready, and defaults of configurations that no shard takes. */
  readonly bad = new Set<string>();
  /** Uids of shards that work no more. */
  readonly #broken = new Set<string>();
  #revision = 0;
  #passedMs = 0;

  /** `at`, and what has passed since: less than a month. */
  get now(): string {
    const [ms, seconds] = [this.#passedMs % 1000, Math.floor(this.#passedMs / 1000)];
    const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
    const two = (part: number) => String(part).padStart(2, "0");
    const time = [hours % 24, minutes % 60, seconds % 60].map(two).join(":");
    return `2030-01-${two(1 + Math.floor(hours / 24))}T${time}.${String(ms).padStart(3, "0")}Z`;
  }

  pass(ms: number): void {
    this.#passedMs += ms;
  }

  node(name: string, more: Partial<NodeRecord> = {}): void {
    this.#put(this.nodes, name, {
      name,
      address: "192.0.2.1",
      chassis: name,
      runtimes: ["docker", "namespace"],
      capacity: { cpu: 4, memory: 8 * 1024 ** 3 },
      datapath: "netdev",
      ovsVersion: "3.1",
      incarnation: "1",
      startedAt: at,
      ...more,
    });
  }

  lose(name: string): void {
    this.#judgeNode(name, "lost");
  }

  /** It is heard again. */
  find(name: string): void {
    this.#judgeNode(name, "ready");
  }

  /** The shard of this key works no more, and will not by itself. */
  fail(key: string): void {
    const shard = this.placements.get(key)?.value;
    if (shard?.kind === "shard") this.#broken.add(shard.uid);
    this.act("health");
  }

  /** So many flows the shard's shim says that it knows at least. */
  knows(name: string, flowsAtLeast: number): void {
    const key = recordKey("shard", "demo", name);
    const shard = this.placements.get(key)?.value;
    if (shard?.kind !== "shard") throw new Error(`${name} is no shard`);
    const { tenant, group, node, uid: placementUid } = shard;
    const record = { tenant, group, shard: name, node, placementUid, namespaceInode: 1, handoffs: [] };
    this.#put(this.shims, key, { ...record, flowsAtLeast });
  }

  /** The function of the shard of this key ended and was started again, so often. */
  stumble(key: string, restarts = 1): void {
    const made = this.realized.get(key)?.value;
    if (made === undefined) throw new Error(`${key} does not run`);
    this.#put(this.realized, key, { ...made, restarts, startedAt: this.now });
  }

  /** An operator removes it. */
  removeNode(name: string): void {
    this.#put(this.access, nodeAccessKey(name), { kind: "node", node: name, removedAt: at });
  }

  /** Applies a document that admission would let in; a changed spec is a new generation. */
  apply(one: unknown): void {
    const document = Document.parse(one);
    const key = keyOf(document);
    const before = this.intents.get(key)?.value;
    const uid = before?.uid ?? `uid-${this.#revision + 1}`;
    this.#put(this.intents, key, { ...intentOf(document, (before?.generation ?? 0) + 1), uid });
  }

  remove(one: unknown): void {
    this.intents.delete(keyOf(Document.parse(one)));
  }

  /** Steps as the executors carry them out; throws where a compare-and-set would be refused. */
  execute(steps: readonly ScheduleStep[]): void {
    for (const step of steps) {
      const current = this.placements.get(step.key)?.revision ?? 0;
      const expected = "ifRevision" in step ? step.ifRevision : 0;
      if (current !== expected) throw new Error(`${step.kind} ${step.key}: ${expected} is not ${current}`);
      if (step.kind === "forget") {
        if (this.realized.has(step.key)) throw new Error(`${step.key} was forgotten while it ran`);
        this.placements.delete(step.key);
      } else if (step.kind === "placeShard" || step.kind === "placeWorkload")
        this.#put(this.placements, step.key, {
          ...step.record,
          uid: `p${this.#revision + 1}`,
        });
      else this.#put(this.placements, step.key, step.record);
    }
  }

  act(actor: Actor): void {
    if (actor === "scheduler") this.execute(decideSchedule(this, this.now));
    if (actor === "agents") this.#agents();
    if (actor === "health") this.#probes();
    if (actor === "stitcher") this.#stitcher();
  }

  /** Until nobody has anything left to do; returns how many rounds it took. */
  settle(limit = 100): number {
    for (let round = 1; round <= limit; round += 1) {
      const before = this.#revision + this.placements.size * 1e6 + this.realized.size * 1e9;
      for (const actor of actors) this.act(actor);
      if (before === this.#revision + this.placements.size * 1e6 + this.realized.size * 1e9) return round;
    }
    throw new Error(`not settled after ${limit} rounds`);
  }

  /** Runs what is placed; removes what must leave once no slot is its own. */
  #agents(): void {
    for (const [key, { value, revision }] of this.placements) {
      if (!isInstance(value)) continue;
      if (value.leaving) {
        if (!this.#ownsSlots(value)) this.realized.delete(key);
        continue;
      }
      if (this.realized.get(key)?.value.placementRevision === revision) continue;
      const { kind, tenant, name, node, uid: placementUid } = value;
      const what = { kind, tenant, name, node, placementUid, placementRevision: revision };
      const generation = this.#takes(value) ? value.generation : this.#liveGeneration(key, placementUid);
      this.#put(this.realized, key, { ...what, generation, state: "running", restarts: 0 });
    }
  }

  #takes(placement: PlacementRecord): boolean {
    return placement.kind !== "shard" || !this.bad.has(canonicalText(placement.config["default"]));
  }

  #liveGeneration(key: string, uid: string): number {
    const before = this.realized.get(key)?.value;
    return before?.placementUid === uid ? before.generation : 0;
  }

  #probes(): void {
    for (const [key, { value }] of this.realized) {
      const placement = this.placements.get(key)?.value;
      if (placement?.kind !== "shard") continue;
      const { tenant, name, node, group } = placement;
      const { placementUid, generation } = value;
      const found = this.health.get(key)?.value;
      const before = found?.kind === "shard" && found.placementUid === placementUid ? found : undefined;
      const works = generation > 0 && !this.bad.has(placement.image ?? "") && !this.#broken.has(placementUid);
      const state = works ? "ready" : before?.readyAt === undefined ? "starting" : "failed";
      const readyAt = before?.readyAt ?? (works ? this.now : undefined);
      if (before?.state === state && before.generation === generation) continue;
      const since = before?.state === state ? before.since : this.now;
      const verdict = { state, reason: "Told", message: "", since } as const;
      const ever = readyAt === undefined ? {} : { readyAt };
      const shard = { kind: "shard" as const, tenant, name, node, group, placementUid, generation };
      this.#put(this.health, key, { ...shard, ...verdict, ...ever });
    }
  }

  /** Slots go to those that stay and are ready; where nobody is they stay where they are. */
  #stitcher(): void {
    for (const { value: group } of this.placements.values()) {
      if (group.kind !== "group") continue;
      const { tenant, name, intentUid: groupUid } = group;
      const key = slotsKey(tenant, name);
      if (this.intents.get(intentKey("FunctionGroup", tenant, name))?.value.uid !== groupUid) {
        this.slots.delete(key);
        continue;
      }
      const before = this.slots.get(key)?.value.owners ?? [];
      const eligible = [...this.placements].flatMap(([at, { value }]) =>
        value.kind === "shard" && value.group === name && !value.leaving && this.#isReady(at, value.uid)
          ? [value]
          : [],
      );
      const owners =
        eligible.length > 0
          ? assignSlots(before, eligible)
          : before.map((owner) => this.#kept(tenant, owner));
      if (owners.length === 0 || canonicalText(owners) === canonicalText(before)) continue;
      const record = { tenant, group: name, groupUid, version: 1, leaving: [], nextHandoff: 1, handoffs: [] };
      this.#put(this.slots, key, { ...record, owners });
    }
  }

  #kept(tenant: string, owner: string | null): string | null {
    const key = recordKey("shard", tenant, owner ?? "");
    const found = this.placements.get(key)?.value;
    return found?.kind === "shard" && (!found.leaving || this.#isReady(key, found.uid)) ? owner : null;
  }

  #isReady(key: string, uid: string): boolean {
    const verdict = this.health.get(key)?.value;
    return verdict?.kind === "shard" && verdict.placementUid === uid && verdict.state === "ready";
  }

  #ownsSlots(placement: PlacementRecord): boolean {
    if (placement.kind !== "shard") return false;
    const slots = this.slots.get(slotsKey(placement.tenant, placement.group));
    return slots?.value.owners.includes(placement.name) ?? false;
  }

  #judgeNode(name: string, state: "lost" | "ready"): void {
    const record = { kind: "node" as const, name, state, incarnation: "1" };
    this.#put(this.health, nodeHealthKey(name), { ...record, reason: "Told", message: "", since: this.now });
  }

  #put<T>(bucket: Bucket<T>, key: string, value: T): void {
    this.#revision += 1;
    bucket.set(key, { value, revision: this.#revision });
  }
}

function keyOf({ kind, metadata }: Document): string {
  return intentKey(kind, metadata.tenant ?? "default", metadata.name);
}
