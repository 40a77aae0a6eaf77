/**
 * What brings one shim to what is wanted of it, as steps in the order in which they are safe: a slot is frozen before its flows
 * are listed, and what the shim says of itself is what was seen before the round.
 * Without the group's slots record nothing is known: what is in the shim stays, but it is told of, since no slot comes before.
 */
import type { ShimRecord } from "@weft/schemas";
import type { ActualShim } from "./shim-progress.ts";
import { shimProgress } from "./shim-progress.ts";
import type { MacPair, ShimDuty, WantedList, WantedShim } from "./wanted-shim.ts";

export type ShimStep =
  | { readonly kind: "putShim"; readonly record: ShimRecord; readonly why: string }
  /** Ask the kernel and the stream what there is. */
  | { readonly kind: "readShim"; readonly why: string }
  | { readonly kind: "loadRules"; readonly why: string }
  | { readonly kind: "forgetFlows"; readonly handoffs: readonly number[]; readonly why: string }
  /** `next` and `prev` whole; where nothing has passed so far, it does from now on. */
  | { readonly kind: "steer"; readonly why: string }
  /** `owner` and `inner` whole. */
  | { readonly kind: "loadLists"; readonly lists: readonly WantedList[]; readonly why: string }
  | { readonly kind: "publishList"; readonly duty: ShimDuty; readonly why: string }
  | { readonly kind: "withdrawList"; readonly handoff: number; readonly why: string };

export interface ShimSight {
  readonly wanted: WantedShim;
  /** False: the group has no slots record, or that of an earlier group of its name. */
  readonly slotsKnown: boolean;
  /** Undefined while nobody has asked. */
  readonly actual: (ActualShim & { readonly rulesMark: string | undefined }) | undefined;
  /** Of the rules that shall be in force. */
  readonly rulesMark: string;
  /** All that the record says but its handoffs. */
  readonly about: Omit<ShimRecord, "handoffs">;
  readonly told: ShimRecord | undefined;
}

export function decideShim(sight: ShimSight): ShimStep[] {
  const { actual, wanted, slotsKnown, rulesMark } = sight;
  if (actual === undefined)
    return [...faultStep(sight), { kind: "readShim", why: "nobody has looked what there is" }];
  return [
    ...reportStep(sight, actual),
    ...(actual.rulesMark === rulesMark ? [] : [rulesStep(actual.rulesMark)]),
    ...(slotsKnown ? followSteps(wanted, actual) : []),
  ];
}

function rulesStep(before: string | undefined): ShimStep {
  return { kind: "loadRules", why: before === undefined ? "there are none" : "they shall be others" };
}

function followSteps(wanted: WantedShim, actual: ActualShim): ShimStep[] {
  const frozen = listable(wanted, actual, actual.next);
  return [
    // First what others may wait for: had the stream lost both, neither of two that give to each other would load the other's list.
    ...frozen.map(publishing),
    // Before a slot's new flows are its own, so that none of another's is taken for new: chassis may send them early.
    ...(!actual.leftOver && sameLists(wanted.lists, actual.lists)
      ? []
      : [{ kind: "loadLists", lists: wanted.lists, why: "flows have other owners" } as const]),
    ...(!actual.waiting && sameWays(wanted.next, actual.next) && sameWays(wanted.prev, actual.prev)
      ? []
      : [{ kind: "steer", why: "slots have other owners, present or future" } as const]),
    // Once it hands on what is not its own: else it would know again what it has just forgotten.
    ...forgetSteps(wanted, actual),
    // In a round of their own: what the shard knows is read once a round, and by now it is steered otherwise.
    ...(frozen.length > 0 ? [] : listable(wanted, actual, wanted.next).map(publishing)),
    ...withdrawSteps(wanted, actual),
  ];
}

function forgetSteps({ forget }: WantedShim, { forgotten }: ActualShim): ShimStep[] {
  const handoffs = forget.flatMap(({ handoff }) => (forgotten.has(handoff) ? [] : [handoff]));
  if (handoffs.length === 0) return [];
  return [{ kind: "forgetFlows", handoffs, why: "its slots went on without it: others own their flows" }];
}

/**
 * A list is exact only of slots whose new flows go elsewhere, or are handed on to this shard by whoever loads it; and where nothing passes:
 * of two that give to each other and were both killed, each would wait for the other's list.
 */
function listable(
  { publish, returning }: WantedShim,
  { published, waiting }: ActualShim,
  next: ActualShim["next"],
): ShimDuty[] {
  return publish.filter(
    ({ handoff, slots }) =>
      !published.has(handoff) && (waiting || slots.every((slot) => next.has(slot) || returning.has(slot))),
  );
}

function publishing(duty: ShimDuty): ShimStep {
  return { kind: "publishList", duty, why: "its slots are frozen" };
}

function withdrawSteps({ publish }: WantedShim, { published }: ActualShim): ShimStep[] {
  const wanted = new Set(publish.map(({ handoff }) => handoff));
  return [...published.keys()]
    .filter((handoff) => !wanted.has(handoff))
    .map((handoff) => ({ kind: "withdrawList", handoff, why: "its handoff is over" }));
}

function reportStep({ wanted, slotsKnown, about, told }: ShimSight, actual: ActualShim): ShimStep[] {
  const record = { ...about, handoffs: slotsKnown ? shimProgress(wanted, actual) : [] };
  if (told !== undefined && JSON.stringify(sorted(told)) === JSON.stringify(sorted(record))) return [];
  return [{ kind: "putShim", record, why: told === undefined ? "it is there" : "it got further" }];
}

/** Until it was read nothing can be said of it, but why it could not. */
function faultStep({ about, told }: ShimSight): ShimStep[] {
  if (told === undefined || about.fault === undefined) return [];
  if (JSON.stringify(told.fault) === JSON.stringify(about.fault)) return [];
  return [{ kind: "putShim", record: { ...told, fault: about.fault }, why: "it could not be read" }];
}

function sorted(record: ShimRecord): unknown[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function sameWays(one: ReadonlyMap<number, MacPair>, other: ReadonlyMap<number, MacPair>): boolean {
  return one.size === other.size && [...one].every(([slot, pair]) => isPair(pair, other.get(slot)));
}

function sameLists(wanted: readonly WantedList[], actual: ActualShim["lists"]): boolean {
  return (
    wanted.length === actual.size &&
    wanted.every((list) => {
      const held = actual.get(list.handoff);
      return isPair(list, held) && held?.slots.join() === list.slots.join();
    })
  );
}

function isPair(a: MacPair, b: MacPair | undefined): boolean {
  return a.in === b?.in && a.out === b.out;
}
