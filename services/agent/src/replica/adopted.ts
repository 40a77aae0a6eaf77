/**
 * What shards were given of the connections of others, for as long as their namespace lives: the same adoption may be carried out again once
 * more of it is known, and no flow is given twice, since it may have ended by then. Keeps that in memory alone.
 */
import type { CarriedOut } from "@weft/decide";
import type { TrackedFlow } from "@weft/schemas";
import { flowText } from "../shim/flow-text.ts";

interface Given extends CarriedOut {
  /** Empty where no more will come. */
  readonly flows: ReadonlySet<string>;
}

export class Adopted {
  readonly life: string;
  readonly #byKey = new Map<string, Given>();

  constructor(life: string) {
    this.life = life;
  }

  get carriedOut(): ReadonlyMap<string, CarriedOut> {
    return this.#byKey;
  }

  /** Those of the flows that it was not given yet. */
  notGiven(key: string, flows: readonly TrackedFlow[]): TrackedFlow[] {
    const given = this.#byKey.get(key)?.flows;
    return given === undefined ? [...flows] : flows.filter(({ flow }) => !given.has(flowText(flow)));
  }

  /** `whole`: nothing was missing of what the flows are from. */
  give(
    key: string,
    flows: readonly TrackedFlow[],
    { whole, nowMs }: { readonly whole: boolean; readonly nowMs: number },
  ): void {
    const before = this.#byKey.get(key);
    const given = whole ? [] : [...(before?.flows ?? []), ...flows.map(({ flow }) => flowText(flow))];
    this.#byKey.set(key, { sinceMs: before?.sinceMs ?? nowMs, whole, flows: new Set(given) });
  }
}
