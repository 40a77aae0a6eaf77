/**
 * What the kernel told since anybody last asked, and which placements it concerns. One that is just being wired makes events of its
 * own: until it has settled a link that changed is no news, and one that is lost waits.
 */
import type { InstancePlacement } from "@weft/schemas";
import { linkNames } from "../wiring/names.ts";
import type { KernelEvent } from "./kernel-events.ts";
import { NamespaceIds } from "./namespace-ids.ts";

export class KernelNews {
  readonly #ids = new NamespaceIds();
  #told: KernelEvent[] = [];

  isEmpty(): boolean {
    return this.#told.length === 0;
  }

  note(event: KernelEvent): void {
    this.#told.push(event);
  }

  /** Its links are others now, or none. */
  forget(uid: string): void {
    this.#ids.forget(uid);
  }

  /** Uids of the settled ones that something was told of. What may be of one that has not settled is kept for the next time. */
  async take(
    placements: readonly InstancePlacement[],
    isSettled: (uid: string) => boolean,
  ): Promise<string[]> {
    const told = this.#told;
    this.#told = [];
    const settled = placements.filter(({ uid }) => isSettled(uid));
    // Those that are being wired have no ids to ask for yet: each question is a process, just while there is most to do.
    const ids = told.some(({ where }) => typeof where === "number") ? await this.#ids.of(settled) : undefined;
    const isConcerned = (event: KernelEvent, placement: InstancePlacement) => concerns(event, placement, ids);
    const looked = settled.filter((placement) => told.some((event) => isConcerned(event, placement)));
    const waits = (event: KernelEvent) => event.lost && !looked.some((each) => isConcerned(event, each));
    if (settled.length < placements.length) this.#told.push(...told.filter(waits));
    return looked.map(({ uid }) => uid);
  }
}

function concerns(
  { where }: KernelEvent,
  placement: InstancePlacement,
  ids: ReadonlyMap<string, readonly number[]> | undefined,
): boolean {
  if (where === "anywhere") return true;
  if (typeof where === "number") return ids?.get(placement.uid)?.includes(where) === true;
  return linkNames(placement).includes(where.link);
}
