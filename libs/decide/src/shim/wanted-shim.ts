/**
 * What the packet steering in front of one shard must hold and do, told from its group's slots record alone: whatever it
 * held before makes no difference, so an agent that was killed between two phases goes on where the record stands.
 * Reads the record and the placements of the group's shards; sets, rules and lists of flows are left to the agent.
 */
import type { Affinity, GroupPlacement, ShardPlacement, SlotsRecord } from "@weft/schemas";
import { parseSubnet } from "@weft/schemas";
import { macOf, routerAddress } from "../schedule/addressing.ts";
import type { Handoff } from "../slots/handoffs.ts";
import { isArming, isInFlight, receiversOf } from "../slots/handoffs.ts";

/** Of one thing on both sides: its MAC on the inner switch (interface in0) and on the outer one (out0). */
export interface MacPair {
  readonly in: string;
  readonly out: string;
}

/** Flows that another shard owns: what the list of this handoff holds, for these of its slots. */
export interface WantedList extends MacPair {
  readonly handoff: number;
  /** Who owns the flows; `in` and `out` are its MACs. */
  readonly giver: string;
  /** Names the list in the stream: see flowsSubject. */
  readonly placementUid: string;
  /** Ascending. Flows of other slots in the list are somebody else's business. */
  readonly slots: readonly number[];
}

export interface ShimDuty {
  readonly handoff: number;
  /** Ascending. */
  readonly slots: readonly number[];
}

export interface WantedShim {
  readonly affinity: Affinity;
  readonly own: MacPair;
  /** Of the router's ports: a frame from any other MAC comes from a peer. */
  readonly routers: MacPair;
  /** Slot → who gets its unknown flows. Whole: what is not here must not be in the set. */
  readonly next: ReadonlyMap<number, MacPair>;
  /** Slot → who may know what this one does not. Whole likewise. */
  readonly prev: ReadonlyMap<number, MacPair>;
  /** What `owner` and `inner` hold; entries of anything else go. By handoff; of a flow in two lists the later one counts. */
  readonly lists: readonly WantedList[];
  /** Slots that it drains and is about to have back: new flows come to it, so its lists need no freezing of them. */
  readonly returning: ReadonlySet<number>;
  /** Once frozen, list the known flows of these slots and have that list in the stream; again whenever the stream has lost it. */
  readonly publish: readonly ShimDuty[];
  /** `lists` and `prev` must be there for these slots: then it is armed. */
  readonly arm: readonly ShimDuty[];
  /** Count the known flows of these slots. */
  readonly count: readonly ShimDuty[];
  /** It was thought dead and its slots went on without it: forget every flow, since others may own them by now. */
  readonly forget: readonly ShimDuty[];
}

export interface ShimSeen {
  /** Whose shim it is. */
  readonly shard: ShardPlacement;
  readonly group: GroupPlacement;
  /** The group's shards by name. Of one that is not among them nothing is wanted. */
  readonly shards: ReadonlyMap<string, ShardPlacement>;
  /** Undefined, or of an earlier group of this name: then nothing is steered. */
  readonly slots: SlotsRecord | undefined;
}

export function shimOf({ shard, group, shards, slots }: ShimSeen): WantedShim {
  const record = slots?.groupUid === shard.intentUid ? slots : undefined;
  // Those of 0.1.0 have no id until the network-stitcher goes on with them.
  const handoffs = record?.handoffs.filter(({ id }) => id > 0) ?? [];
  const at: At = { name: shard.name, owners: record?.owners ?? [], handoffs, shards };
  const given = handoffs.filter(({ from }) => from === shard.name);
  const alive = given.filter(({ fromGone }) => !fromGone);
  const received = handoffs.filter(({ to }) => to === shard.name);
  return {
    affinity: group.affinity,
    own: macsOf(shard),
    routers: { in: routerMac(group.inner), out: routerMac(group.outer) },
    next: record === undefined ? new Map() : nextOf(at, receiversOf({ ...record, handoffs })),
    prev: prevOf(at, received),
    lists: listsOf(at),
    returning: new Set(
      received.flatMap((handoff) => (isInFlight(handoff) && isArming(handoff) ? handoff.slots : [])),
    ),
    publish: duties(alive.filter(({ phase }) => phase !== "done")),
    arm: duties(
      received.filter((handoff) => isInFlight(handoff) && isArming(handoff) && givesAreKnown(handoff, at)),
    ),
    count: duties(alive.filter(({ phase }) => phase === "drain")),
    forget: duties(given.filter(({ fromGone, phase }) => fromGone && phase === "done")),
  };
}

interface At {
  readonly name: string;
  readonly owners: readonly (string | null)[];
  readonly handoffs: readonly Handoff[];
  readonly shards: ReadonlyMap<string, ShardPlacement>;
}

/** To whoever owns the slot or is about to. One that is to have it back sends to the present owner until it is armed. */
function nextOf({ name, owners, handoffs, shards }: At, receivers: readonly (string | null)[]) {
  const targets = new Map<number, string | null>();
  for (const { from, slots } of handoffs)
    if (from === name) for (const slot of slots) targets.set(slot, receivers[slot] ?? null);
  for (const handoff of handoffs) {
    if (handoff.to !== name || !isInFlight(handoff)) continue;
    for (const slot of handoff.slots)
      if (isArming(handoff)) targets.delete(slot);
      else if (targets.has(slot)) targets.set(slot, owners[slot] ?? null);
  }
  return routes(targets, name, shards);
}

/** From whom it has, or is about to have, the slot: the last one, since those before it are told flow by flow. */
function prevOf({ name, owners, shards }: At, received: readonly Handoff[]) {
  const targets = new Map<number, string | null>();
  for (const handoff of received.toSorted((a, b) => a.id - b.id)) {
    if (!isArming(handoff)) continue;
    for (const slot of handoff.slots)
      if (isInFlight(handoff) || owners[slot] === name)
        targets.set(slot, handoff.fromGone ? null : handoff.from);
  }
  return routes(targets, name, shards);
}

/** Of all handoffs, not only those to this shard: a slot that moves on before it has drained takes its lists along. */
function listsOf({ name, owners, handoffs, shards }: At): WantedList[] {
  const mine = new Set(owners.flatMap((owner, slot) => (owner === name ? [slot] : [])));
  for (const handoff of handoffs)
    if (handoff.to === name && isInFlight(handoff) && isArming(handoff))
      for (const slot of handoff.slots) mine.add(slot);
  return handoffs
    .filter((handoff) => !handoff.fromGone && handoff.from !== name && isArming(handoff))
    .toSorted((a, b) => a.id - b.id)
    .flatMap(({ id, from, slots }): WantedList[] => {
      const giver = shards.get(from);
      const wanted = slots.filter((slot) => mine.has(slot));
      if (giver === undefined || wanted.length === 0) return [];
      return [
        { handoff: id, giver: from, placementUid: giver.uid, slots: ascending(wanted), ...macsOf(giver) },
      ];
    });
}

/** Without a giver's placement its list cannot be named: the shard must not pass for armed without it. */
function givesAreKnown({ slots }: Handoff, { name, handoffs, shards }: At): boolean {
  const asked = new Set(slots);
  return handoffs.every(
    (handoff) =>
      handoff.fromGone ||
      handoff.from === name ||
      shards.has(handoff.from) ||
      !isArming(handoff) ||
      !handoff.slots.some((slot) => asked.has(slot)),
  );
}

function routes(
  targets: ReadonlyMap<number, string | null>,
  own: string,
  shards: ReadonlyMap<string, ShardPlacement>,
): Map<number, MacPair> {
  const found = new Map<number, MacPair>();
  for (const [slot, name] of [...targets].toSorted(([a], [b]) => a - b)) {
    const peer = name === null || name === own ? undefined : shards.get(name);
    if (peer !== undefined) found.set(slot, macsOf(peer));
  }
  return found;
}

function duties(handoffs: readonly Handoff[]): ShimDuty[] {
  return handoffs
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, slots }) => ({ handoff: id, slots: ascending(slots) }));
}

function ascending(slots: readonly number[]): number[] {
  return slots.toSorted((a, b) => a - b);
}

function macsOf({ interfaces }: ShardPlacement): MacPair {
  const mac = (kind: "inner" | "outer") => interfaces.find(({ segment }) => segment.kind === kind)?.mac ?? "";
  return { in: mac("inner"), out: mac("outer") };
}

function routerMac(subnets: readonly string[]): string {
  return macOf(subnets.map((text) => routerAddress(parseSubnet(text))));
}
