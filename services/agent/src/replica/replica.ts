/**
 * What is known here of one shard's connections: what its agent told last, and for a while what it had known in the namespace before, which
 * is what is left of it after a crash. Reads messages; asks nobody.
 */
import { slotOfFlow } from "@weft/decide";
import type { Affinity, TrackedFlow, TrackedTold } from "@weft/schemas";
import { flowText } from "../shim/flow-text.ts";

/** A failed shard is made anew within moments, and tells that it tracks nothing: by then its flows may not be adopted yet. */
const formerMs = 30_000;

type Flows = Map<string, TrackedFlow>;
interface Life {
  readonly life: string;
  readonly flows: Flows;
}

export class Replica {
  #run = "";
  #next = 0;
  #missed = false;
  #follow = 0;
  #now: Life | undefined;
  #former: (Life & { readonly untilMs: number; over: boolean }) | undefined;
  /** By the monotonic clock, as all times here. */
  heardAtMs = 0;

  get size(): number {
    return this.#now?.flows.size ?? 0;
  }

  /** Nothing that was told is missing. */
  get isWhole(): boolean {
    return this.#now !== undefined && !this.#missed && this.#follow === 0;
  }

  /** False: something is missing, and the whole has to be asked for. */
  take(told: TrackedTold, nowMs: number): boolean {
    this.heardAtMs = nowMs;
    if (told.whole) this.#begin(told, nowMs);
    else if (told.run !== this.#run) return false;
    if (told.number !== this.#next) this.#missed = true;
    this.#next = told.number + 1;
    this.#follow = told.follow;
    const flows = this.#now?.flows;
    for (const flow of told.gone) flows?.delete(flowText(flow));
    // It has flows again, so it was given slots again: what is left of the former ones others have.
    if (told.come.length > 0 && this.#former !== undefined) this.#former.over = true;
    for (const each of told.come) flows?.set(flowText(each.flow), each);
    return !this.#missed;
  }

  /** Those of these slots. With `notLife`, for the shard itself: what it knew in another namespace than this one. */
  flowsOf(
    { slots, affinity }: { readonly slots: readonly number[]; readonly affinity: Affinity },
    at: { readonly nowMs: number; readonly notLife?: string },
  ): TrackedFlow[] {
    const asked = new Set(slots);
    const former = this.#former;
    const isLeft =
      former !== undefined && former.untilMs > at.nowMs && !(former.over && at.notLife === undefined);
    const found: Flows = new Map();
    for (const each of [isLeft ? former : undefined, this.#now])
      if (each !== undefined && each.life !== at.notLife)
        for (const [key, flow] of each.flows)
          if (asked.has(slotOfFlow(affinity, flow.flow))) found.set(key, flow);
    return [...found.values()];
  }

  #begin({ run, number, life }: TrackedTold, nowMs: number): void {
    const before = this.#now;
    if (before !== undefined && before.life !== life && before.flows.size > 0)
      this.#former = { ...before, untilMs: nowMs + formerMs, over: false };
    this.#now = { life, flows: new Map() };
    this.#run = run;
    this.#next = number;
    this.#missed = false;
  }
}
