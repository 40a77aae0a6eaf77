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
  #seen: ProvisionSeen | undefined;
  #from: ReadonlyMap<string, unknown> | undefined;
  #placements: readonly SeenPlacement[] = [];

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

  /** The same list until a placement changes. */
  placements(): readonly SeenPlacement[] {
    const entries = this.#views.placements.entries();
    if (entries === this.#from) return this.#placements;
    const now = new Map<string, SeenPlacement>();
    for (const [key, { value, revision }] of entries) {
      if (!isInstance(value) || value.node !== this.#node) continue;
      const known = this.#known.get(key);
      now.set(
        key,
        known !== undefined && known.revision === revision ? known : seenPlacement(key, revision, value),
      );
    }
    this.#known = now;
    this.#from = entries;
    this.#placements = [...now.values()];
    return this.#placements;
  }

  /** In what was seen last something comes true by waiting alone: another try, or a restart. */
  awaitsTime(): boolean {
    const { failures, things } = this.#seen ?? {};
    const ended = [...(things?.values() ?? [])].some(({ instance }) => instance?.running === false);
    return ended || failures === undefined || failures.size > 0;
  }

  see(): ProvisionSeen {
    const placements = this.placements();
    const revisions = new Map(placements.map(({ placement, revision }) => [placement.uid, revision]));
    const own = [...this.#views.realized.entries()].filter(
      ([, { value }]) => value.node === this.#node && value.kind !== "uplink", // those are uplinks.ts's
    );
    this.#seen = {
      node: this.#node,
      placements,
      slots: new Map([...this.#views.slots.entries()].map(([key, { value }]) => [key, value])),
      realized: new Map(own.map(([key, { value }]) => [key, value])),
      things: this.#inventory.things(placements.map(({ placement }) => placement)),
      failures: this.#failures.current(revisions),
    };
    return this.#seen;
  }
}

function seenPlacement(key: string, revision: number, placement: InstancePlacement): SeenPlacement {
  return { key, revision, placement, wanted: wantedOf(placement) };
}
