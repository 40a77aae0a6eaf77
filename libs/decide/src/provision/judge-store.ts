/**
 * Is the store that the records come from the one that this node's things were made by? One that came back empty says that
 * nothing is wanted any more, and acting on it would take down all that runs.
 * Pure. Who stands still, and who is told, is the agent's.
 */
export interface StoreSight {
  /** When the store was made that the agent acted on last; undefined: it never did, or an operator let it forget. */
  readonly remembered: string | undefined;
  /** When the store was made that is read now. */
  readonly current: string;
  /** Uids of what is on the node. */
  readonly things: Iterable<string>;
  /** Uids of what the store places there. */
  readonly placed: ReadonlySet<string>;
}

export type StoreVerdict =
  | { readonly kind: "known" }
  /** Another one, that wants nothing gone: it may be acted on, and is remembered from now on. */
  | { readonly kind: "adopt" }
  | { readonly kind: "strange"; readonly unplaced: readonly string[] };

export function judgeStore({ remembered, current, things, placed }: StoreSight): StoreVerdict {
  if (remembered === current) return { kind: "known" };
  const unplaced = [...things].filter((uid) => !placed.has(uid)).toSorted();
  if (remembered === undefined || unplaced.length === 0) return { kind: "adopt" };
  return { kind: "strange", unplaced };
}
