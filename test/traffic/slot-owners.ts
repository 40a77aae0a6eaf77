/** Who owns each slot of the group under traffic, as last recorded, and which slots have changed hands since that began. */
import type { LabBus } from "../bench/lab/lab-bus.ts";
import { valuesOf } from "../bench/lab/lab-bus.ts";
import { group } from "./moving-documents.ts";

export class SlotOwners implements Disposable {
  readonly #slots: LabBus["slots"];
  readonly #unfollow: () => void;
  readonly #moved = new Set<number>();
  #owners: readonly (string | null)[] = [];

  constructor({ slots }: LabBus) {
    this.#slots = slots;
    this.#unfollow = slots.changed.subscribe(() => this.#note());
  }

  /** From now on it counts what changes hands. */
  begin(): void {
    this.#moved.clear();
    this.#note();
  }

  of(slot: number): string | null {
    return this.#owners[slot] ?? null;
  }

  hasAny(shard: string): boolean {
    return this.#owners.includes(shard);
  }

  hasMoved(slot: number): boolean {
    return this.#moved.has(slot);
  }

  [Symbol.dispose](): void {
    this.#unfollow();
  }

  #note(): void {
    const { owners = [] } = valuesOf(this.#slots).find((each) => each.group === group) ?? {};
    owners.forEach((owner, slot) => {
      const before = this.of(slot);
      if (before !== null && before !== owner) this.#moved.add(slot);
    });
    this.#owners = owners;
  }
}
