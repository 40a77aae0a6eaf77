/**
 * The loop of one shard's shim: the real decision, whose steps are carried out as the agent does it, one touch of kernel or stream
 * at a time, so that frames pass and crashes fall between any two. Made anew it knows nothing and reads back what there is.
 */
import type { WantedShim } from "@weft/decide";
import { decideShim } from "@weft/decide";
import type { ShimRecord } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import { groupName, tenant } from "./documents.ts";
import type { ShimImage } from "./shim-steps.ts";
import { countActs, stepActs } from "./shim-steps.ts";
import type { Instance, World } from "./world.ts";

/** One touch of the world. False: it failed, and the rest of its round is left out. */
export type ShimAct = () => boolean;

/** What it follows, as its agent sees it now. */
export interface ShimGoal {
  readonly wanted: WantedShim;
  readonly slotsKnown: boolean;
}

export class ShimLoop {
  readonly world: World;
  readonly instance: Instance;
  /** Undefined: nobody knows what there is. */
  image: ShimImage | undefined;
  /** By handoff: what `known` was when the flows of its slots were counted, by its number of changes. */
  readonly countedAt = new Map<number, number>();
  #acts: ShimAct[] = [];
  #losses = 0;
  #lookedAt: readonly unknown[] = [];
  #idleAt: readonly unknown[] = [];

  constructor(world: World, instance: Instance) {
    this.world = world;
    this.instance = instance;
  }

  /** The key of its record. */
  get key(): string {
    return recordKey("shard", tenant, this.instance.placement.name);
  }

  /** One act, or a look when nothing is left of the round. Says whether anything was to be done. */
  act(goal: ShimGoal | undefined): boolean {
    if (this.#acts.length === 0) this.#acts = goal === undefined ? [] : this.#look(goal);
    const act = this.#acts.shift();
    if (act === undefined) return false;
    if (act()) return true;
    // It is tried again once anything is different.
    this.#acts = [];
    this.#idleAt = this.#lookedAt;
    return true;
  }

  #look(goal: ShimGoal): ShimAct[] {
    const { wanted, slotsKnown } = goal;
    const { shims, stream } = this.world;
    const found = shims.latest.get(this.key);
    const counted = wanted.count.length > 0 ? this.instance.steering.changes : 0;
    // All that a look depends on: the same sight is not worth another look.
    const sight = [wanted, slotsKnown, found, stream.version, counted];
    if (sight.every((part, place) => part === this.#idleAt[place])) return [];
    this.#lookedAt = sight;
    this.#lookIntoStream();
    const { image } = this;
    const about = this.#about();
    const told = found?.value;
    const actual = image === undefined ? undefined : { ...image, rulesMark: theRules };
    const steps = decideShim({ wanted, slotsKnown, actual, rulesMark: theRules, about, told });
    const acts = [...stepActs(this, steps, { wanted, slotsKnown, told: found }), ...countActs(this, wanted)];
    this.#idleAt = acts.length === 0 ? sight : [];
    return acts;
  }

  /** Now and then it asks which of its lists are there: a stream that was lost gets them again. */
  #lookIntoStream(): void {
    const { stream } = this.world;
    if (stream.losses === this.#losses) return;
    this.#losses = stream.losses;
    const there = new Set(stream.idsOf(this.instance.placement.uid));
    for (const handoff of this.image?.published.keys() ?? [])
      if (!there.has(handoff)) this.image?.published.delete(handoff);
  }

  #about(): Omit<ShimRecord, "handoffs"> {
    const { placement, inode } = this.instance;
    const { name, node, uid } = placement;
    const of = { tenant, group: groupName, shard: name, node, placementUid: uid, namespaceInode: inode };
    return { ...of, flowsAtLeast: 0 };
  }
}

/** They are in force before the links are up, and nobody takes them away here. */
const theRules = "the rules";
