/** One sight of everything that the agent decides from; undefined while a view is not loaded or a driver has not answered. */
import type { ProvisionSeen, SeenPlacement } from "@weft/decide";
import { isInstance } from "@weft/schemas";
import type { InstancePlacement } from "@weft/schemas";
import type { Failures } from "./failures.ts";
import { wantedOf } from "./hashes.ts";
import type { Inventory } from "./inventory.ts";
import type { AgentViews } from "./ports.ts";

export class Observer {
  readonly #node: string;
  readonly #views: AgentViews;
  readonly #inventory: Inventory;
  readonly #failures: Failures;
  /** Hashing is done once for each revision: a round is cheap when nothing changed. */
  #known = new Map<string, SeenPlacement>();

  constructor(o: {
    readonly node: string;
    readonly views: AgentViews;
    readonly inventory: Inventory;
    readonly failures: Failures;
  }) {
    this.#node = o.node;
    this.#views = o.views;
    this.#inventory = o.inventory;
    this.#failures = o.failures;
  }

  placements(): SeenPlacement[] {
    const now = new Map<string, SeenPlacement>();
    for (const [key, { value, revision }] of this.#views.placements.entries()) {
      if (!isInstance(value) || value.node !== this.#node) continue;
      const known = this.#known.get(key);
      now.set(
        key,
        known !== undefined && known.revision === revision ? known : seenPlacement(key, revision, value),
      );
    }
    this.#known = now;
    return [...now.values()];
  }

  see(): ProvisionSeen {
    const placements = this.placements();
    const revisions = new Map(placements.map(({ placement, revision }) => [placement.uid, revision]));
    const own = [...this.#views.realized.entries()].filter(
      ([, { value }]) => value.node === this.#node && value.kind !== "uplink", // those are uplinks.ts's
    );
    return {
      node: this.#node,
      placements,
      slots: new Map([...this.#views.slots.entries()].map(([key, { value }]) => [key, value])),
      realized: new Map(own.map(([key, { value }]) => [key, value])),
      things: this.#inventory.things(placements.map(({ placement }) => placement)),
      failures: this.#failures.current(revisions),
    };
  }
}

function seenPlacement(key: string, revision: number, placement: InstancePlacement): SeenPlacement {
  return { key, revision, placement, wanted: wantedOf(placement) };
}
