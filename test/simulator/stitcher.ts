/**
 * The network-stitcher: the real decision, carried out as the service does it, one write at a time: slots, then the network.
 * It may stop for ever between any two of them, or stand still while another copy takes over, and then go on with what it had.
 */
import type { NetworkStep, PortBinding, PutSlots, RemoveSlots, StitchStep } from "@weft/decide";
import { decideStitch, isNetworkStep } from "@weft/decide";
import { isInstance } from "@weft/schemas";
import { View } from "./bucket.ts";
import { chassisOf } from "./documents.ts";
import { observeSlots } from "./slots-rules.ts";
import type { World } from "./world.ts";

interface Round {
  readonly slots: (PutSlots | RemoveSlots)[];
  readonly network: readonly NetworkStep[];
  readonly removals: RemoveSlots[];
}

export class Stitcher {
  readonly views;
  readonly #world: World;
  #epoch = 1;
  #round: Round | undefined;
  /** Of a copy that stands still; it does not know that another one leads. */
  #asleep: { readonly round: Round; readonly epoch: number } | undefined;
  #ownWrite = 0;
  #idleAt = "";
  /** Nodes that were called lost when it last looked: it waits for none of their chassis. */
  #lost: ReadonlySet<string> = new Set();

  constructor(world: World) {
    this.#world = world;
    this.views = {
      intents: new View(world.intents),
      placements: new View(world.placements),
      health: new View(world.health),
      slots: new View(world.slots),
      shims: new View(world.shims),
      realized: new View(world.realized),
    };
  }

  waitsFor(node: string): boolean {
    return !this.#lost.has(node);
  }

  /** One write, or a look when nothing is left to write. Says whether anything was to be done. */
  act(): boolean {
    if (this.#round === undefined) return this.#look();
    if (!this.#carryOut(this.#round, this.#epoch)) this.#round = undefined;
    return true;
  }

  /** It is in the middle of a round. */
  get isAtWork(): boolean {
    return this.#round !== undefined;
  }

  crash(): void {
    this.#round = undefined;
    for (const view of Object.values(this.views)) view.advance();
  }

  /** Another copy leads from now on, with views of its own; this one sleeps over what it was about to do. */
  standStill(): void {
    if (this.#round !== undefined) this.#asleep = { round: this.#round, epoch: this.#epoch };
    this.#epoch += 1;
    this.#world.northbound.epoch = this.#epoch;
    this.crash();
  }

  wakeUp(): void {
    const asleep = this.#asleep;
    if (asleep === undefined) return;
    this.#world.note("a former leader wakes up and goes on");
    while (this.#carryOut(asleep.round, asleep.epoch));
    this.#asleep = undefined;
  }

  #look(): boolean {
    const { northbound, now } = this.#world;
    // Never from a record that it has written over itself.
    if (this.views.slots.version < this.#ownWrite) this.views.slots.advance();
    const sight = this.#sight();
    if (sight === this.#idleAt) return false;
    this.#lost = new Set(
      [...this.views.health.entries.values()].flatMap(({ value }) =>
        value.kind === "node" && value.state === "lost" ? [value.name] : [],
      ),
    );
    const steps = decideStitch(
      {
        intents: this.views.intents.entries,
        placements: this.views.placements.entries,
        health: this.views.health.entries,
        slots: this.views.slots.entries,
        shims: this.views.shims.entries,
        realized: this.views.realized.entries,
        stitched: new Map(),
        network: northbound.network,
        foreignPorts: new Map(),
        progress: {
          wanted: northbound.wanted,
          compiled: northbound.compiled,
          applied: new Map(this.#world.chassis.map(({ node, applied }) => [chassisOf(node), applied])),
        },
        bindings: bindingsOf(this.#world),
      },
      now,
    );
    const round = roundOf(steps);
    const idle = round.slots.length + round.network.length + round.removals.length === 0;
    this.#idleAt = idle ? sight : "";
    if (idle) return false;
    this.#round = round;
    return true;
  }

  /** All that a look depends on, in short: the same sight is not worth another look. */
  #sight(): string {
    const { northbound, chassis, nowMs, instances } = this.#world;
    const versions = Object.values(this.views).map(({ version }) => version);
    const applied = chassis.map((each) => each.applied);
    const minute = Math.floor(nowMs / 60_000);
    return [
      ...versions,
      northbound.wanted,
      northbound.compiled,
      ...applied,
      minute,
      ...instances.keys(),
    ].join();
  }

  /** False once the round is over: all of it is done, or a write was refused. */
  #carryOut(round: Round, epoch: number): boolean {
    const step = round.slots.shift();
    if (step !== undefined) return this.#write(step);
    if (round.network.length > 0) {
      const done = this.#world.northbound.commit(round.network, epoch);
      this.#world.note(`network: ${round.network.length} steps ${done ? "done" : "refused"}`);
    }
    for (const removal of round.removals) this.#write(removal);
    return false;
  }

  #write(step: PutSlots | RemoveSlots): boolean {
    const { slots } = this.#world;
    const before = slots.get(step.key);
    const record = step.kind === "putSlots" ? step.record : null;
    const written = slots.write(step.key, record, step.ifRevision);
    this.#world.note(`slots: ${step.why}${written ? "" : ": refused"}`);
    if (!written) return false;
    this.#ownWrite = slots.version;
    if (record !== null) observeSlots(this.#world, before, record);
    return true;
  }
}

function roundOf(steps: readonly StitchStep[]): Round {
  return {
    slots: steps.filter((step) => step.kind === "putSlots"),
    network: steps.filter(isNetworkStep),
    removals: steps.filter((step) => step.kind === "removeSlots"),
  };
}

/** A workload's ports are always up; a shard's while anything of it runs. */
function bindingsOf(world: World): Map<string, PortBinding> {
  const bindings = new Map<string, PortBinding>();
  for (const { value } of world.placements.latest.values()) {
    if (!isInstance(value) || (value.kind === "shard" && !world.instances.has(value.uid))) continue;
    for (const { port } of value.interfaces) bindings.set(port, { chassis: chassisOf(value.node), up: true });
  }
  return bindings;
}
