/**
 * A node's agent: starts and ends what is placed there, and makes each shim what the slots record asks for, one act at a time.
 * What a shim must hold, what it may say and when a shard may leave are the real decisions. A crash forgets everything but
 * what the kernel and the buckets hold.
 */
import type { ActualShim, WantedShim } from "@weft/decide";
import { mayLeave, shimOf, shimProgress } from "@weft/decide";
import type { GroupPlacement, ShardPlacement, ShimRecord } from "@weft/schemas";
import { instantMs, recordKey, slotsKey } from "@weft/schemas";
import { View } from "./bucket.ts";
import { drainMs, groupName, tenant } from "./documents.ts";
import type { LoadedList } from "./steering.ts";
import type { Instance, World } from "./world.ts";

type Act = () => void;
interface Placed {
  readonly placement: ShardPlacement;
  readonly revision: number;
}

export class Agent {
  readonly node: string;
  readonly views;
  readonly #world: World;
  #acts: Act[] = [];
  /** What the last counts found, by instance. */
  #counts = new WeakMap<Instance, Map<number, number>>();

  constructor(world: World, node: string) {
    this.node = node;
    this.#world = world;
    this.views = { placements: new View(world.placements), slots: new View(world.slots) };
  }

  /** One act, or a look when nothing is left to be done. Says whether anything was to be done. */
  act(): boolean {
    if (this.#world.cutOff.has(this.node)) return false;
    this.#acts = this.#acts.length > 0 ? this.#acts : this.#look();
    const act = this.#acts.shift();
    act?.();
    return act !== undefined;
  }

  crash(): void {
    this.#acts = [];
    this.#counts = new WeakMap();
  }

  #look(): Act[] {
    const { instances } = this.#world;
    const placed = new Map(this.#placements().map((found) => [found.placement.uid, found]));
    const slots = new Map([...this.views.slots.entries].map(([key, { value }]) => [key, value]));
    const acts: Act[] = [];
    for (const instance of instances.values()) {
      if (instance.placement.node !== this.node) continue;
      const found = placed.get(instance.placement.uid);
      if (found === undefined || mayLeave(found, slots))
        acts.push(() => this.#remove(instance, found?.placement));
    }
    for (const found of placed.values()) {
      if (mayLeave(found, slots)) acts.push(...this.#forget(found.placement));
      else acts.push(...this.#follow(found, instances.get(found.placement.uid)));
    }
    return acts;
  }

  #placements(): Placed[] {
    return [...this.views.placements.entries.values()].flatMap(({ value, revision }) =>
      value.kind === "shard" && value.node === this.node ? [{ placement: value, revision }] : [],
    );
  }

  #remove(instance: Instance, placement: ShardPlacement | undefined): void {
    const world = this.#world;
    if (!world.instances.has(instance.placement.uid)) return;
    checkLeave(world, instance, placement);
    world.note(`${this.node} removes ${instance.placement.name}`);
    world.instances.delete(instance.placement.uid);
  }

  /** Records of what is no longer there. */
  #forget({ uid, name }: ShardPlacement): Act[] {
    const { instances, realized, shims } = this.#world;
    if (instances.has(uid)) return [];
    const key = recordKey("shard", tenant, name);
    return [realized, shims].flatMap((bucket) =>
      bucket.get(key)?.placementUid === uid ? [() => void bucket.write(key, null)] : [],
    );
  }

  #follow({ placement, revision }: Placed, instance: Instance | undefined): Act[] {
    const world = this.#world;
    if (instance === undefined) {
      // One that must go is kept as it is, but nothing is made for it any more.
      if (placement.leaving && world.realized.get(keyOf(placement)) === undefined) return [];
      return [() => void (world.instances.has(placement.uid) || world.start(placement))];
    }
    const acts = [...this.#realize({ placement, revision }, instance), ...this.#steer(placement, instance)];
    // Forwarding is turned on last, when the shim is as the record asks: a namespace made anew knows of no handoff.
    return instance.guarded ? acts : [...acts, () => (instance.guarded = true)];
  }

  #realize({ placement, revision }: Placed, { inode }: Instance): Act[] {
    const { name, node, uid } = placement;
    const { realized, now } = this.#world;
    const key = recordKey("shard", tenant, name);
    const before = realized.get(key);
    if (
      before?.placementUid === uid &&
      before.placementRevision === revision &&
      before.namespaceInode === inode
    )
      return [];
    const about = { kind: "shard" as const, tenant, name, group: groupName, node, placementUid: uid };
    const state = { state: "running" as const, restarts: 0, startedAt: now, namespaceInode: inode };
    return [
      () => void realized.write(key, { ...about, placementRevision: revision, generation: 1, ...state }),
    ];
  }

  #steer(placement: ShardPlacement, instance: Instance): Act[] {
    const group = this.views.placements.entries.get(recordKey("group", tenant, groupName))?.value;
    if (group?.kind !== "group") return [];
    const wanted = this.#wanted(placement, group);
    const actual = this.#actual(placement, instance, wanted);
    return [
      ...this.#say(placement, instance, shimProgress(wanted, actual)),
      ...forgetActs(this.#world, instance, wanted),
      ...steeringActs(instance, wanted),
      ...this.#listActs(placement, instance, wanted),
      ...this.#countActs(instance, wanted),
    ];
  }

  #wanted(shard: ShardPlacement, group: GroupPlacement): WantedShim {
    const shards = new Map<string, ShardPlacement>();
    for (const { value } of this.views.placements.entries.values())
      if (value.kind === "shard") shards.set(value.name, value);
    const slots = this.views.slots.entries.get(slotsKey(tenant, groupName))?.value;
    return shimOf({ shard, group, shards, slots });
  }

  #actual({ uid }: ShardPlacement, instance: Instance, wanted: WantedShim): ActualShim {
    const { next, prev, lists } = instance.steering;
    const published = wanted.publish.flatMap(({ handoff }) => {
      const list = this.#world.stream.get(`${uid}.${handoff}`);
      return list === undefined ? [] : [[handoff, list.length] as const];
    });
    const counts = this.#counts.get(instance) ?? new Map<number, number>();
    return { next, prev, lists, published: new Map(published), counts, forgotten: instance.forgotten };
  }

  #say({ name, uid, node }: ShardPlacement, { inode }: Instance, handoffs: ShimRecord["handoffs"]): Act[] {
    const { shims } = this.#world;
    const key = recordKey("shard", tenant, name);
    const of = { tenant, group: groupName, shard: name, node, placementUid: uid, namespaceInode: inode };
    const record: ShimRecord = { ...of, flowsAtLeast: 0, handoffs };
    if (JSON.stringify(shims.get(key)) === JSON.stringify(record)) return [];
    return [
      () => {
        this.#world.note(`${name} says ${handoffs.map(({ id, reached }) => `${id} ${reached}`).join(", ")}`);
        shims.write(key, record);
      },
    ];
  }

  #listActs({ uid }: ShardPlacement, { steering }: Instance, wanted: WantedShim): Act[] {
    const { stream } = this.#world;
    const publish = wanted.publish
      .filter(({ handoff }) => !stream.has(`${uid}.${handoff}`))
      .map(({ handoff, slots }) => () => {
        if (slots.every((slot) => steering.next.has(slot)))
          stream.set(`${uid}.${handoff}`, steering.knownIn(slots));
      });
    const there = wanted.lists.flatMap(({ handoff, placementUid, slots, in: inner, out }) => {
      const flows = stream.get(`${placementUid}.${handoff}`);
      const loaded = steering.lists.get(handoff);
      if (loaded !== undefined && loaded.slots.join() === slots.join()) return [[handoff, loaded] as const];
      return flows === undefined ? [] : [[handoff, { in: inner, out, slots, flows }] as const];
    });
    const lists: ReadonlyMap<number, LoadedList> = new Map(there);
    const same = [...lists].every(([id, list]) => steering.lists.get(id) === list);
    if (same && lists.size === steering.lists.size) return publish;
    return [...publish, () => steering.loadLists(lists)];
  }

  #countActs(instance: Instance, { count }: WantedShim): Act[] {
    const counts = new Map(
      count.map(({ handoff, slots }) => [handoff, instance.steering.knownIn(slots).length] as const),
    );
    const before = this.#counts.get(instance);
    if (before !== undefined && JSON.stringify([...before]) === JSON.stringify([...counts])) return [];
    return counts.size === 0 && before === undefined ? [] : [() => void this.#counts.set(instance, counts)];
  }
}

function forgetActs(world: World, instance: Instance, { forget }: WantedShim): Act[] {
  const waiting = forget.filter(({ handoff }) => !instance.forgotten.has(handoff));
  if (waiting.length === 0) return [];
  return [
    () => {
      world.note(`${instance.placement.name} forgets its flows`);
      instance.steering.known.clear();
      for (const { handoff } of waiting) instance.forgotten.add(handoff);
    },
  ];
}

function steeringActs({ steering }: Instance, { next, prev }: WantedShim): Act[] {
  const text = (map: ActualShim["next"]) => JSON.stringify([...map]);
  if (text(next) === text(steering.next) && text(prev) === text(steering.prev)) return [];
  return [
    () => {
      steering.next = next;
      steering.prev = prev;
    },
  ];
}

/** A shard goes only when it owns no slot and no flow, or when its time was up. */
function checkLeave(world: World, instance: Instance, placement: ShardPlacement | undefined): void {
  const { name } = instance.placement;
  if (world.record?.owners.includes(name) === true && placement !== undefined && !world.isGivenUp(instance))
    world.broken(`${name} leaves and owns slots`);
  const left = world.flows.filter((flow) => flow.owner === instance && !flow.closed);
  const since = placement?.leavingSince;
  const inTime = since === undefined || world.nowMs < instantMs(since) + drainMs;
  const [first] = left;
  if (first !== undefined && inTime) world.broken(`${name} leaves with flow ${first.key}`);
}

function keyOf({ name }: ShardPlacement): string {
  return recordKey("shard", tenant, name);
}
