/**
 * Connections that outlive a crash (`state: replicated`): follows what this node's shards track, keeps what their peers do, and has
 * shards go on with the flows of those that failed. Reads records and what agents tell; decides nothing (libs/decide, replica).
 */
import type { ReplicaShard, ReplicaSight, ReplicaStep } from "@weft/decide";
import { decideReplicas } from "@weft/decide";
import { functionOf } from "@weft/functions";
import { composeServices, reconcileLoop } from "@weft/runtime";
import type { Service, Signal } from "@weft/runtime";
import type { GroupPlacement, ShardPlacement } from "@weft/schemas";
import type { Inventory } from "../inventory.ts";
import type { AgentPorts } from "../ports.ts";
import { GroupWorlds } from "../shim/group-worlds.ts";
import type { ShimSettings } from "../shim/shim-rules.ts";
import { adopt } from "./adopt.ts";
import { Adopted } from "./adopted.ts";
import { OwnFlows } from "./own-flows.ts";
import type { FollowOrder } from "./own-flows.ts";
import { adoptedFlows, showReplicas } from "./replica-metrics.ts";
import type { ShownReplicas } from "./replica-metrics.ts";
import { Replicas } from "./replicas.ts";

/** Whatever happens to a shard is told; this is for what nobody foresaw. */
const resyncMs = 60_000;

export interface ReplicationContext {
  readonly node: string;
  readonly ports: AgentPorts;
  readonly inventory: Inventory;
  readonly settings: ShimSettings;
}

interface Here extends ReplicaShard {
  /** Undefined while it has no namespace. */
  readonly holder: FollowOrder["holder"] | undefined;
  readonly given: Adopted | undefined;
}
interface Sight extends ReplicaSight {
  readonly shards: readonly Here[];
}
type StepOf<K extends ReplicaStep["kind"]> = Extract<ReplicaStep, { readonly kind: K }>;

export interface ReplicationView {
  /** The other shards of its group whose connections are known whole here; undefined where the group's state is local. */
  keeps(shard: ShardPlacement, group: GroupPlacement): string[] | undefined;
  readonly changed: Signal;
}

export class Replication implements ReplicationView {
  readonly service: Service;
  readonly #context: ReplicationContext;
  readonly #worlds: GroupWorlds;
  readonly #replicas: Replicas;
  /** By the placement's uid. */
  readonly #followed = new Map<string, OwnFlows>();
  readonly #adopted = new Map<string, Adopted>();
  readonly #load: typeof adopt;

  constructor(context: ReplicationContext, load = adopt) {
    this.#context = context;
    this.#load = load;
    const { inventory, ports } = context;
    const { clock, log, views, fabric } = ports;
    this.#worlds = new GroupWorlds(views);
    this.#replicas = new Replicas(ports);
    const loop = reconcileLoop<Sight, ReplicaStep>({
      name: "replicas",
      clock,
      log,
      urgent: [views.slots.changed, this.#replicas.changed],
      wake: [views.placements.changed, inventory.changed, fabric.changed],
      resyncMs,
      observe: () => this.#observe(),
      decide: decideReplicas,
      execute: (steps, { shards }) => this.#execute(steps, shards),
    });
    this.service = composeServices("replicas", [this.#shown(), loop]);
  }

  keeps({ tenant, name }: ShardPlacement, group: GroupPlacement): string[] | undefined {
    if (group.state !== "replicated") return undefined;
    return this.#replicas.wholeOf({ tenant, group: group.name }).filter((shard) => shard !== name);
  }

  get changed(): Signal {
    return this.#replicas.changed;
  }

  #observe(): Sight | undefined {
    const { ports, node } = this.#context;
    if (ports.bus.lineage.lost().has("placements")) return undefined;
    const placed = [...ports.views.placements.entries()].flatMap(([, { value }]) =>
      value.kind === "shard" && value.node === node ? [value] : [],
    );
    const shards = placed.flatMap((shard) => this.#find(shard) ?? []);
    const there = new Set(placed.map(({ uid }) => uid));
    for (const uid of this.#adopted.keys()) if (!there.has(uid)) this.#adopted.delete(uid);
    const followed = new Map([...this.#followed].map(([uid, { life }]) => [uid, life]));
    return { shards, followed, heard: this.#replicas.heard, nowMs: ports.clock.monotonicMs() };
  }

  /** Undefined while its group is not placed. */
  #find(shard: ShardPlacement): Here | undefined {
    const { inventory } = this.#context;
    const seen = this.#worlds.of(shard);
    if (seen === undefined) return undefined;
    const { holder } = inventory.owned(shard.uid) ?? {};
    const { namespacePath, namespaceInode } = holder ?? {};
    const known = this.#replicas.wholeOf({ tenant: shard.tenant, group: shard.group });
    if (holder?.running !== true || namespacePath === undefined)
      return {
        seen,
        life: undefined,
        wired: false,
        adopted: new Map(),
        known,
        holder: undefined,
        given: undefined,
      };
    const life = `${holder.id} ${namespaceInode}`;
    const given = this.#givenIn(life, shard.uid);
    const wired = inventory.isWhole(shard.uid);
    const adopted = given.carriedOut;
    return { seen, life, wired, adopted, known, holder: { ...holder, namespacePath }, given };
  }

  #givenIn(life: string, uid: string): Adopted {
    const before = this.#adopted.get(uid);
    if (before?.life === life) return before;
    const now = new Adopted(life);
    this.#adopted.set(uid, now);
    return now;
  }

  async #execute(steps: readonly ReplicaStep[], shards: readonly Here[]): Promise<void> {
    const here = new Map(shards.map((each) => [each.seen.shard.uid, each]));
    const { log } = this.#context.ports;
    const adoptions = new Map<string, StepOf<"adopt">[]>();
    for (const step of steps) {
      const { kind: name, why } = step;
      switch (step.kind) {
        case "hear":
          this.#replicas.hear(step.groups);
          log.info({ step: name, groups: step.groups, why }, "step");
          break;
        case "unfollow":
          this.#unfollow(step.uid);
          break;
        case "follow":
          this.#unfollow(step.uid);
          this.#follow(here.get(step.uid));
          break;
        case "adopt":
          adoptions.set(step.uid, [...(adoptions.get(step.uid) ?? []), step]);
      }
    }
    const adopting = [...adoptions].map(([uid, each]) => this.#adopt(each, here.get(uid)));
    const failed = (await Promise.allSettled(adopting)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  #unfollow(uid: string): void {
    this.#followed.get(uid)?.[Symbol.dispose]();
    this.#followed.delete(uid);
  }

  #follow(shard: Here | undefined): void {
    const { seen, holder, life } = shard ?? {};
    if (seen === undefined || holder === undefined || life === undefined) return;
    const marks = functionOf(seen.shard).tracked;
    if (marks === undefined) return;
    this.#followed.set(
      seen.shard.uid,
      new OwnFlows({ shard: seen.shard, holder, life, marks }, this.#context.ports),
    );
  }

  /** All that one shard goes on with, at once: until then its packets are dropped. */
  async #adopt(steps: readonly StepOf<"adopt">[], here: Here | undefined): Promise<void> {
    const { holder, given } = here ?? {};
    if (here === undefined || holder === undefined || given === undefined) return;
    const { ports, settings, node } = this.#context;
    const { shard } = here.seen;
    const { tenant, group, name } = shard;
    const beganAt = ports.clock.monotonicMs();
    const found = steps.map((step) => ({ ...step, ...this.#leftTo(here, step, beganAt) }));
    const flows = found.flatMap((each) => each.flows);
    await this.#load({ shard, namespacePath: holder.namespacePath, flows, settings });
    adoptedFlows.inc({ tenant, group, shard: name, node }, flows.length);
    const tookMs = Math.round(ports.clock.monotonicMs() - beganAt);
    for (const { adoption, flows: own, whole, why } of found) {
      given.give(adoption.key, own, { whole, nowMs: beganAt });
      const about = { shard: name, of: adoption.of, slots: adoption.slots.length, flows: own.length };
      ports.log.info({ step: "adopt", ...about, whole, tookMs, why }, "step");
    }
  }

  #leftTo({ seen, life, given }: Here, { adoption, affinity }: StepOf<"adopt">, nowMs: number) {
    const { tenant, group, name } = seen.shard;
    const replica = this.#replicas.of({ tenant, group }, adoption.of);
    const notLife = adoption.of === name && life !== undefined ? { notLife: life } : {};
    const flows = replica?.flowsOf({ slots: adoption.slots, affinity }, { nowMs, ...notLife }) ?? [];
    return { flows: given?.notGiven(adoption.key, flows) ?? flows, whole: replica?.isWhole ?? false };
  }

  #shown(): Service {
    const open = new DisposableStack();
    return {
      name: "replicas shown",
      start: async () => void open.use(showReplicas(() => this.#show())),
      stop: async () => {
        open.dispose();
        for (const uid of this.#followed.keys()) this.#unfollow(uid);
        this.#replicas[Symbol.dispose]();
      },
    };
  }

  #show(): ShownReplicas {
    const { node, ports } = this.#context;
    const nowMs = ports.clock.monotonicMs();
    const told = [...this.#followed.values()].map(({ shard: { tenant, group, name }, size }) => ({
      labels: { tenant, group, shard: name, node },
      flows: size,
    }));
    const kept = [...this.#replicas.all()].map(({ name, shard, replica }) => ({
      labels: { ...name, shard, node },
      flows: replica.size,
      whole: replica.isWhole,
      ageSeconds: (nowMs - replica.heardAtMs) / 1_000,
    }));
    return { told, kept };
  }
}
