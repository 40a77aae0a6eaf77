/**
 * The world of one history: records, OVN, what runs on the nodes, the flows. It only holds things; who changes them are the
 * files of the actors. A rule that is broken ends the history: see `Violation`.
 */
import type {
  HealthRecord,
  IntentRecord,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  ShardPlacement,
  ShimRecord,
  SlotsRecord,
} from "@weft/schemas";
import { instantMs, recordKey, slotsKey } from "@weft/schemas";
import { Bucket } from "./bucket.ts";
import { fixedIntents, groupIntent, groupName, nodeRecord, nodes, startOfTime, tenant } from "./documents.ts";
import { FlowLists } from "./flow-lists.ts";
import { Northbound } from "./northbound.ts";
import { Random } from "./random.ts";
import type { FlowKey } from "./steering.ts";
import { Steering } from "./steering.ts";

/** A shard's namespace as it is on its node. Killed with its holder it is gone, and another one takes its place. */
export interface Instance {
  readonly placement: ShardPlacement;
  readonly inode: number;
  /** It took the place of one that was killed. */
  readonly isRemade: boolean;
  /** MACs and addresses of its interfaces. */
  readonly places: ReadonlySet<string>;
  readonly steering: Steering;
  /** Its function's configuration is loaded, so it forwards: probes pass. Its shim steers from its first moment on. */
  guarded: boolean;
}

export interface Flow {
  readonly key: FlowKey;
  readonly slot: number;
  readonly protocol: "tcp" | "udp";
  readonly opener: "client" | "server";
  readonly clientNode: string;
  readonly serverNode: string;
  /** Whose function has its state; undefined before the first frame has passed. */
  owner: Instance | undefined;
  /**
   * Those that had its state, or took it, while they were called failed: one that was well knows it yet. And those whose shim remembered it
   * before their function forwarded anything.
   */
  readonly had: Set<Instance>;
  closed: boolean;
}

export interface Chassis {
  readonly node: string;
  applied: number;
  frozen: boolean;
  /** Its node was called lost, and it has not followed since: nobody waits for it, so nothing is promised of what it carries. */
  suspect: boolean;
}

export class Violation extends Error {}

export class World {
  /** Placements that have had an instance. */
  readonly #made = new Set<string>();
  readonly random: Random;
  readonly intents = new Bucket<IntentRecord>();
  readonly placements = new Bucket<PlacementRecord>();
  readonly realized = new Bucket<RealizedRecord>();
  readonly nodes = new Bucket<NodeRecord>();
  readonly health = new Bucket<HealthRecord>();
  readonly slots = new Bucket<SlotsRecord>();
  readonly shims = new Bucket<ShimRecord>();
  readonly northbound = new Northbound();
  /** What runs, by the placement's uid. */
  readonly instances = new Map<string, Instance>();
  readonly chassis: Chassis[] = nodes.map((node) => ({ node, applied: 0, frozen: false, suspect: false }));
  readonly stream = new FlowLists();
  readonly flows: Flow[] = [];
  readonly slotsOfFlows = new Map<FlowKey, number>();
  /** Nodes whose agents are cut off from the bus, though what runs there goes on. */
  readonly cutOff = new Set<string>();
  /** Shards that were ever called failed. */
  readonly failed = new Set<string>();
  /** Handoffs whose giver was taken back when their time was up already. */
  readonly overdue = new Set<number>();
  readonly trace: string[] = [];
  /** How often each fault was injected. */
  readonly faults = new Map<string, number>();
  nowMs = instantMs(startOfTime);
  serial = 0;
  replicas: number;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.replicas = 1 + this.random.below(4);
    for (const [key, intent] of [...fixedIntents(), groupIntent(this.replicas, 1)])
      this.intents.write(key, intent);
    for (const node of nodes) this.nodes.write(node, nodeRecord(node));
  }

  get now(): string {
    return new Date(this.nowMs).toISOString();
  }

  note(what: string): void {
    this.trace.push(what);
  }

  injected(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  broken(rule: string): never {
    throw new Violation(rule);
  }

  next(): number {
    this.serial += 1;
    return this.serial;
  }

  get record(): SlotsRecord | undefined {
    return this.slots.get(slotsKey(tenant, groupName));
  }

  shards(): ShardPlacement[] {
    return [...this.placements.latest.values()].flatMap(({ value }) =>
      value.kind === "shard" ? [value] : [],
    );
  }

  instanceNamed(name: string): Instance | undefined {
    for (const instance of this.instances.values()) if (instance.placement.name === name) return instance;
    return undefined;
  }

  /** By a MAC of its inner interface, or by an address of either. */
  instanceAt(place: string): Instance | undefined {
    for (const instance of this.instances.values()) if (instance.places.has(place)) return instance;
    return undefined;
  }

  /** Health or the slots say that it failed: nobody waits for it and nothing is kept of it, whether it works or not. */
  isGivenUp({ placement }: Instance): boolean {
    const verdict = this.health.get(recordKey("shard", tenant, placement.name));
    const failed =
      verdict?.kind === "shard" && verdict.placementUid === placement.uid && verdict.state === "failed";
    const gone = this.record?.handoffs.some(({ from, fromGone }) => fromGone && from === placement.name);
    return failed || gone === true;
  }

  /** `waiting`: its gate is closed. */
  start(placement: ShardPlacement, waiting: boolean): Instance {
    const inode = this.next();
    const isRemade = this.#made.has(placement.uid);
    this.#made.add(placement.uid);
    const instance = {
      placement,
      inode,
      isRemade,
      places: new Set(
        placement.interfaces.flatMap(({ mac, addresses }) => [
          mac,
          ...addresses.map((address) => address.slice(0, address.indexOf("/"))),
        ]),
      ),
      steering: new Steering(waiting),
      guarded: false,
    };
    this.instances.set(placement.uid, instance);
    return instance;
  }

  /** With all that was in it: what its function knew is gone, and nobody promises to keep it. */
  end(instance: Instance): void {
    this.instances.delete(instance.placement.uid);
    for (const flow of this.flows) if (flow.owner === instance) flow.closed = true;
  }
}
