/**
 * When each stage heard of a failure: the heartbeat that told of it, the verdict, the slots record, the chassis. Followed on
 * the bus like by anybody else, so a stage's time includes the way there.
 */
import type { Bus, View } from "@weft/bus";
import { Heartbeat, heartbeatNewsWildcard } from "@weft/schemas";
import type { Records } from "@weft/schemas";

export const stages = ["told", "judged", "moved", "inForce"] as const;
export type Stage = (typeof stages)[number];

export class StageTimes implements Disposable {
  readonly #open = new DisposableStack();
  #shard = "";
  #times: Partial<Record<Stage, number>> = {};

  constructor(
    bus: Bus,
    views: { readonly health: View<Records["health"]>; readonly slots: View<Records["slots"]> },
  ) {
    this.#open.use(
      bus.subscribe(heartbeatNewsWildcard, (data) => {
        const { success, data: beat } = Heartbeat.safeParse(data);
        const found = success ? beat.shards?.find(({ name }) => name === this.#shard) : undefined;
        if (found?.wired === false) this.#note("told");
      }),
    );
    this.#open.defer(
      views.health.changed.subscribe(() => {
        for (const { value } of views.health.entries().values())
          if (value.kind === "shard" && value.name === this.#shard && value.state === "failed")
            this.#note("judged");
      }),
    );
    this.#open.defer(
      views.slots.changed.subscribe(() => {
        for (const { value } of views.slots.entries().values()) {
          if (value.handoffs.some(({ from }) => from === this.#shard)) this.#note("moved");
          if (this.#times.moved !== undefined && !value.owners.includes(this.#shard)) this.#note("inForce");
        }
      }),
    );
  }

  /** Notes from now on what concerns this shard. */
  begin(shard: string): void {
    this.#shard = shard;
    this.#times = {};
  }

  /** Milliseconds after a moment of the clock. */
  since(atMs: number): Partial<Record<Stage, number>> {
    return Object.fromEntries(Object.entries(this.#times).map(([stage, ms]) => [stage, ms - atMs]));
  }

  #note(stage: Stage): void {
    this.#times[stage] ??= Date.now();
  }

  [Symbol.dispose](): void {
    this.#open.dispose();
  }
}
