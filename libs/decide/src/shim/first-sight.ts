/**
 * What can be told of a shim that nobody has looked into yet: by what its record says of the namespace that it was in, and by what
 * is wanted of it as it is wired.
 */
import type { ShimSight } from "./decide-shim.ts";
import type { WantedShim } from "./wanted-shim.ts";

type UntouchedSight = Pick<ShimSight, "told" | "slotsKnown"> & {
  readonly about: Pick<ShimSight["about"], "namespaceInode">;
};

/**
 * Nothing is steered ahead of the first record: where there is one of another namespace, or none and no slots either, there is
 * nothing to read. That there is none while the group has slots may be the store's loss.
 */
export function isUntouched({ told, about, slotsKnown }: UntouchedSight): boolean {
  return told === undefined ? !slotsKnown : told.namespaceInode !== about.namespaceInode;
}

/**
 * What the record says was forgotten, by this namespace or the one before it: from then on the shard may have been given slots again, and
 * what it knows is its own. A new namespace has to forget the rest as well: its rules remember flows from their first moment on, and it may
 * have had some while the network sent them there yet.
 */
export function forgottenAlready({ wanted, told }: Pick<ShimSight, "wanted" | "told">): number[] {
  const said = told?.handoffs.flatMap(({ id, reached }) => (reached === "drained" ? [id] : [])) ?? [];
  return wanted.forget.flatMap(({ handoff }) => (said.includes(handoff) ? [handoff] : []));
}

/**
 * Of some packets another shard is the owner: in a namespace that took the place of one that was killed they would pass for its own
 * until its sets are filled, so nothing may pass before.
 */
export function waitsForSteering({ next, prev, lists }: WantedShim): boolean {
  return next.size > 0 || prev.size > 0 || lists.length > 0;
}
