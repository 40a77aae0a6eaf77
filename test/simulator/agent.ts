/**
 * A node's agent: starts and ends what is placed there, one act at a time, with a loop beside for each shard's shim (shim-loop.ts).
 * What a shim must hold and when a shard may leave are the real decisions. A crash forgets everything but what the kernel and
 * the buckets hold.
 */
import type { WantedShim } from "@weft/decide";
import { mayLeave, shimOf, waitsForSteering } from "@weft/decide";
import type { ShardPlacement } from "@weft/schemas";
import { instantMs, recordKey, slotsKey } from "@weft/schemas";
import { View } from "./bucket.ts";
import { drainMs, groupName, tenant } from "./documents.ts";
import type { ShimGoal } from "./shim-loop.ts";
import { ShimLoop } from "./shim-loop.ts";
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
  #idleAt = "";
  #loops = new Map<Instance, ShimLoop>();
  /** By the placement's uid, of the records that the views show. */
  #goals = new Map<string, ShimGoal | undefined>();
  #goalsAt = "";

  constructor(world: World, node: string) {
    this.node = node;
    this.#world = world;
    this.views = { placements: new View(world.placements), slots: new View(world.slots) };
  }

  /** One act of it or of one of its shims; says whether anything was to be done. */
  act(): boolean {
    const { cutOff, instances, random } = this.#world;
    if (cutOff.has(this.node)) return false;
    const here = [...instances.values()].filter(({ placement }) => placement.node === this.node);
    const turns = [() => this.#provide(), ...here.map((instance) => () => this.#shim(instance))];
    const first = random.below(turns.length);
    return turns.some((_, nth) => turns[(first + nth) % turns.length]?.() === true);
  }

  crash(): void {
    this.#acts = [];
    this.#idleAt = "";
    this.#loops = new Map();
  }

  #shim(instance: Instance): boolean {
    return this.#loopOf(instance).act(this.#goalOf(instance.placement));
  }

  #loopOf(instance: Instance): ShimLoop {
    const found = this.#loops.get(instance) ?? new ShimLoop(this.#world, instance);
    this.#loops.set(instance, found);
    return found;
  }

  #provide(): boolean {
    if (this.#acts.length === 0) this.#acts = this.#look();
    const act = this.#acts.shift();
    act?.();
    return act !== undefined;
  }

  #look(): Act[] {
    const { instances, realized, shims } = this.#world;
    const { placements, slots: slotsView } = this.views;
    const here = [...instances.values()].filter(({ placement }) => placement.node === this.node);
    const seen = here.map(({ inode, guarded }) => `${inode}${guarded}`);
    const sight = [placements.version, slotsView.version, realized.version, shims.version, ...seen].join();
    if (sight === this.#idleAt) return [];
    const placed = new Map(this.#placements().map((found) => [found.placement.uid, found]));
    const slots = new Map([...slotsView.entries].map(([key, { value }]) => [key, value]));
    const acts: Act[] = [];
    for (const instance of here) {
      const found = placed.get(instance.placement.uid);
      if (found === undefined || mayLeave(found, slots))
        acts.push(() => this.#remove(instance, found?.placement));
    }
    for (const found of placed.values()) {
      if (mayLeave(found, slots)) acts.push(...this.#forget(found.placement));
      else acts.push(...this.#follow(found, instances.get(found.placement.uid)));
    }
    this.#idleAt = acts.length === 0 ? sight : "";
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
    this.#loops.delete(instance);
  }

  /** Records of what is no longer there, and its lists. */
  #forget({ uid, name }: ShardPlacement): Act[] {
    const { instances, realized, shims, stream } = this.#world;
    if (instances.has(uid)) return [];
    const key = recordKey("shard", tenant, name);
    const gone = [realized, shims].flatMap((bucket) =>
      bucket.get(key)?.placementUid === uid ? [() => void bucket.write(key, null)] : [],
    );
    return [...gone, ...stream.idsOf(uid).map((handoff) => () => stream.remove(uid, handoff))];
  }

  #follow({ placement, revision }: Placed, instance: Instance | undefined): Act[] {
    const world = this.#world;
    if (instance === undefined) {
      // One that must go is kept as it is, but nothing is made for it any more.
      if (placement.leaving && world.realized.get(keyOf(placement)) === undefined) return [];
      // Its group is placed ahead of it: without that there is no shim yet.
      const goal = this.#goalOf(placement);
      if (goal === undefined || world.instances.has(placement.uid)) return [];
      return [() => void world.start(placement, waitsForSteering(goal.wanted))];
    }
    const acts = this.#realize({ placement, revision }, instance);
    // Whatever its shim has come to: that has a loop of its own.
    return instance.guarded ? acts : [() => (instance.guarded = true), ...acts];
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

  /** Undefined while its placement or its group's is not seen. */
  #goalOf({ uid, name }: ShardPlacement): ShimGoal | undefined {
    const { placements, slots } = this.views;
    const at = `${placements.version} ${slots.version}`;
    if (at !== this.#goalsAt) this.#goals.clear();
    this.#goalsAt = at;
    if (!this.#goals.has(uid)) {
      const shard = placements.entries.get(recordKey("shard", tenant, name))?.value;
      this.#goals.set(uid, shard?.kind === "shard" && shard.uid === uid ? this.#goal(shard) : undefined);
    }
    return this.#goals.get(uid);
  }

  #goal(shard: ShardPlacement): ShimGoal | undefined {
    const { entries } = this.views.placements;
    const group = entries.get(recordKey("group", tenant, groupName))?.value;
    if (group?.kind !== "group") return undefined;
    const shards = new Map<string, ShardPlacement>();
    for (const { value } of entries.values()) if (value.kind === "shard") shards.set(value.name, value);
    const slots = this.views.slots.entries.get(slotsKey(tenant, groupName))?.value;
    const wanted: WantedShim = shimOf({ shard, group, shards, slots });
    return { wanted, slotsKnown: slots?.groupUid === shard.intentUid };
  }
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
