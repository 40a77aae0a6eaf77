/** What goes wrong in a history, and how all of it is mended. How often is the history's affair. */
import { isInFlight } from "@weft/decide";
import type { Agent } from "./agent.ts";
import { nodes } from "./documents.ts";
import { findNode, loseNode, say } from "./health.ts";
import type { Stitcher } from "./stitcher.ts";
import type { World } from "./world.ts";

interface Actors {
  readonly world: World;
  readonly stitcher: Stitcher;
  readonly agents: readonly Agent[];
}

export class Faults {
  readonly #world: World;
  readonly #stitcher: Stitcher;
  readonly #agents: readonly Agent[];
  readonly #executors = {
    /** A process ends between any two acts and comes back with nothing but what others keep. */
    crashStitcher: () => this.#stitcher.crash(),
    crashAgent: () => this.#world.random.pick(this.#agents)?.crash(),
    kill: () => this.#kill(),
    doubt: () => this.#doubt(),
    doubtAll: () => this.#doubtAll(),
    cutOff: () => this.#cutOff(),
    rejoin: () => this.#rejoin(),
    freeze: () => this.#setFrozen(true),
    thaw: () => this.#setFrozen(false),
    standStill: () => this.#stitcher.standStill(),
    wakeUp: () => this.#stitcher.wakeUp(),
    loseLists: () => this.#world.stream.lose(),
    loseListsOfReturning: () => this.#loseListsOfReturning(),
    loseShims: () => this.#world.shims.forget(),
  };

  constructor({ world, stitcher, agents }: Actors) {
    this.#world = world;
    this.#stitcher = stitcher;
    this.#agents = agents;
  }

  inject(fault: Fault): void {
    this.#world.injected(fault);
    this.#executors[fault]();
  }

  mend(): void {
    const world = this.#world;
    world.note("every fault is mended");
    for (const node of world.cutOff) findNode(world, node);
    world.cutOff.clear();
    for (const chassis of world.chassis) chassis.frozen = false;
    this.#stitcher.wakeUp();
  }

  /** Holder and function at once: whoever notices comes later. */
  #kill(): void {
    const instance = this.#world.random.pick([...this.#world.instances.values()]);
    if (instance === undefined) return;
    this.#world.note(`${instance.placement.name} is killed`);
    this.#world.end(instance);
    say(this.#world, instance.placement, "failed");
  }

  /** It is called failed and works. */
  #doubt(): void {
    const instance = this.#world.random.pick([...this.#world.instances.values()]);
    if (instance?.guarded === true) say(this.#world, instance.placement, "failed");
  }

  /** Nothing is left that could have the slots, whatever is in flight. */
  #doubtAll(): void {
    for (const instance of this.#world.instances.values())
      if (instance.guarded) say(this.#world, instance.placement, "failed");
  }

  /** In the moment in which a slot is on its way back to a shard that still drains it: such moments are short. */
  #loseListsOfReturning(): void {
    const { record, stream } = this.#world;
    const handoffs = record?.handoffs ?? [];
    const drains = (shard: string, slots: readonly number[]) =>
      handoffs.some(
        ({ from, phase, slots: own }) =>
          from === shard && phase === "drain" && own.some((slot) => slots.includes(slot)),
      );
    if (handoffs.some((handoff) => isInFlight(handoff) && drains(handoff.to, handoff.slots))) stream.lose();
  }

  #cutOff(): void {
    const world = this.#world;
    const node = world.random.pick(nodes);
    if (node === undefined || world.cutOff.has(node)) return;
    world.note(`${node} is cut off`);
    world.cutOff.add(node);
    loseNode(world, node);
  }

  #rejoin(): void {
    const node = this.#world.random.pick([...this.#world.cutOff]);
    if (node === undefined) return;
    this.#world.cutOff.delete(node);
    findNode(this.#world, node);
  }

  /** An ovn-controller hangs: it goes on sending as it did. */
  #setFrozen(frozen: boolean): void {
    const chassis = this.#world.random.pick(this.#world.chassis);
    if (chassis !== undefined) chassis.frozen = frozen;
  }
}

const faultNames = [
  "crashStitcher",
  "crashAgent",
  "kill",
  "doubt",
  "doubtAll",
  "cutOff",
  "rejoin",
  "freeze",
  "thaw",
  "standStill",
  "wakeUp",
  "loseLists",
  "loseListsOfReturning",
  "loseShims",
] as const;
export type Fault = (typeof faultNames)[number];

export function isFault(event: string): event is Fault {
  return faultNames.some((name) => name === event);
}
