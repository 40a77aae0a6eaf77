/**
 * Do the records come from the store that the northbound database was written from? One that came back empty wants every row
 * gone, and traffic with them. Rows may go only by the store that is known, or by one that wants none gone when it is first met.
 * Pure. The northbound database itself remembers the store: a copy that takes over knows it too.
 */
import type { StitchStep } from "./step.ts";

export interface RememberStore {
  readonly kind: "rememberStore";
  readonly store: string;
  readonly why: string;
}
export interface StandStill {
  readonly kind: "standStill";
  readonly why: string;
}

export interface StoreFacts {
  /** Written down in the northbound database; undefined: none yet, or an operator took it away. */
  readonly remembered: string | undefined;
  /** When the store was made that the records are read from. */
  readonly current: string;
}

export function guardStore(
  steps: readonly StitchStep[],
  { remembered, current }: StoreFacts,
): (StitchStep | RememberStore | StandStill)[] {
  if (remembered === current) return [...steps];
  const going = steps.filter(({ kind }) => kind.startsWith("delete")).length;
  if (remembered === undefined || going === 0)
    return [
      { kind: "rememberStore", store: current, why: "the records come from a store not seen before" },
      ...steps,
    ];
  const why = `The records come from another store, by which ${going} rows would go. Nothing is changed until they are back, or until weft-store is removed from NB_Global's external_ids.`;
  return [{ kind: "standStill", why }];
}
