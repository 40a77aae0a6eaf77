/**
 * Which intents have become ready, and how long that took from their acceptance or from the last change of their spec.
 * Told of each generation once: who asks keeps what was told. What is known to be ready from before is not looked at again, so a
 * look costs little where nothing is under way.
 */
import { resourceOf } from "./resource-of.ts";
import type { StatusWorld } from "./world.ts";

export interface BecameReady {
  /** Names one generation of one intent. */
  readonly id: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
}

/**
 * Times are those of the records that made it ready, so it hardly matters when somebody looks: `now` counts only where a change
 * left those records as they were.
 */
export function becameReady(world: StatusWorld, told: ReadonlySet<string>, now: string): BecameReady[] {
  return [...world.intents.values()].flatMap((intent) => {
    const id = generationId(intent.value);
    if (told.has(id)) return [];
    const [ready] = resourceOf(intent, world).status.conditions;
    if (ready?.type !== "Ready" || ready.status !== "True") return [];
    const { updatedAt } = intent.value;
    return [{ id, from: updatedAt, to: ready.since > updatedAt ? ready.since : now }];
  });
}

export function generationId({ uid, generation }: { uid: string; generation: number }): string {
  return `${uid} ${generation}`;
}
