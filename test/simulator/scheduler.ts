/** The scheduler: the real decision, each round one batch that is refused whole when any of its records has changed. */
import type { ScheduleStep } from "@weft/decide";
import { decideSchedule } from "@weft/decide";
import type { PlacementRecord } from "@weft/schemas";
import { instantMs } from "@weft/schemas";
import { View } from "./bucket.ts";
import { drainMs } from "./documents.ts";
import type { World } from "./world.ts";

export class Scheduler {
  readonly views;
  readonly #world: World;
  #idleAt = "";

  constructor(world: World) {
    this.#world = world;
    this.views = {
      intents: new View(world.intents),
      placements: new View(world.placements),
      realized: new View(world.realized),
      health: new View(world.health),
      slots: new View(world.slots),
      shims: new View(world.shims),
    };
  }

  /** Says whether anything was to be done. */
  act(): boolean {
    const { nodes, now } = this.#world;
    const sight = Object.values(this.views)
      .map(({ version }) => version)
      .join();
    if (sight === this.#idleAt) return false;
    const seen = {
      intents: this.views.intents.entries,
      placements: this.views.placements.entries,
      realized: this.views.realized.entries,
      health: this.views.health.entries,
      slots: this.views.slots.entries,
      shims: this.views.shims.entries,
      nodes: nodes.latest,
      access: new Map(),
    };
    const steps = decideSchedule(seen, now);
    this.#idleAt = steps.length === 0 ? sight : "";
    const { placements } = this.#world;
    const current = (step: ScheduleStep) => placements.latest.get(step.key)?.revision ?? 0;
    if (steps.some((step) => current(step) !== ("ifRevision" in step ? step.ifRevision : 0))) return false;
    for (const step of steps) {
      if (step.kind === "takeBack") this.#noteOverdue(placements.get(step.key));
      placements.write(step.key, this.#recordOf(step));
      this.#world.note(`scheduler: ${step.kind} ${step.key}: ${step.why}`);
    }
    return steps.length > 0;
  }

  #noteOverdue(before: PlacementRecord | undefined): void {
    const { nowMs, record, overdue } = this.#world;
    if (before?.kind !== "shard" || before.leavingSince === undefined) return;
    if (nowMs < instantMs(before.leavingSince) + drainMs) return;
    for (const { id, from } of record?.handoffs ?? []) if (from === before.name) overdue.add(id);
  }

  #recordOf(step: ScheduleStep): PlacementRecord | null {
    if (step.kind === "forget") return null;
    if (step.kind === "placeShard" || step.kind === "placeWorkload")
      return { ...step.record, uid: `placed-${this.#world.next()}` };
    return step.record;
  }
}
