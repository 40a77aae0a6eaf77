/** The stream of lists of flows, as a model: which shard has told which flows it knows, by handoff. It may lose them all. */
import type { FlowKey } from "./steering.ts";

/** With their slots. */
export type FlowList = ReadonlyMap<FlowKey, number>;

export class FlowLists {
  readonly #lists = new Map<string, FlowList>();
  /** How often anything has changed. */
  version = 0;
  /** How often all was lost. */
  losses = 0;

  get(placementUid: string, handoff: number): FlowList | undefined {
    return this.#lists.get(nameOf(placementUid, handoff));
  }

  put(placementUid: string, handoff: number, flows: FlowList): void {
    this.#lists.set(nameOf(placementUid, handoff), flows);
    this.version += 1;
  }

  remove(placementUid: string, handoff: number): void {
    this.#lists.delete(nameOf(placementUid, handoff));
    this.version += 1;
  }

  /** Handoffs that it has a list of from this shard. */
  idsOf(placementUid: string): number[] {
    const prefix = `${placementUid}/`;
    return [...this.#lists.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)));
  }

  lose(): void {
    this.#lists.clear();
    this.losses += 1;
    this.version += 1;
  }
}

function nameOf(placementUid: string, handoff: number): string {
  return `${placementUid}/${handoff}`;
}
