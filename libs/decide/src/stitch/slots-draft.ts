/**
 * A slots record in the making: the group's owners and handoffs as they are changed by one decision, and what that may read.
 * Made from the record that is there; the files beside this one change it, `record()` tells what it has become.
 */
import type { SlotsRecord } from "@weft/schemas";
import { slotCount } from "@weft/schemas";
import type { Handoff } from "../slots/handoffs.ts";
import { isHeldBySlots, isInFlight } from "../slots/handoffs.ts";
import type { ShardSign } from "./shard-signs.ts";
import { saidOf } from "./shard-signs.ts";

export type DraftHandoff = { -readonly [Field in keyof Handoff]: Handoff[Field] };

export interface SlotsSight {
  readonly tenant: string;
  readonly name: string;
  /** Uid of the group's intent. */
  readonly uid: string;
  readonly shards: ReadonlyMap<string, ShardSign>;
  /** Seconds that flows of a shard that leaves are waited for. */
  readonly drainSeconds: number | "never";
  /** Slots that nobody ever had may wait a moment for the shard that is to have them. */
  readonly mayWait: boolean;
  /** RFC 3339. */
  readonly now: string;
}

export class SlotsDraft {
  readonly owners: (string | null)[];
  handoffs: DraftHandoff[];
  leaving: SlotsRecord["leaving"];
  readonly sight: SlotsSight;
  readonly #before: SlotsRecord | undefined;
  #nextHandoff: number;

  constructor(before: SlotsRecord | undefined, sight: SlotsSight) {
    this.sight = sight;
    this.#before = before;
    this.owners = Array.from({ length: slotCount }, (_, slot) => before?.owners[slot] ?? null);
    this.handoffs = before?.handoffs.map((handoff) => ({ ...handoff, slots: [...handoff.slots] })) ?? [];
    this.leaving = before?.leaving ?? [];
    const used = this.handoffs.map(({ id }) => id + 1);
    this.#nextHandoff = Math.max(before?.nextHandoff ?? 1, ...used);
  }

  newId(): number {
    this.#nextHandoff += 1;
    return this.#nextHandoff - 1;
  }

  begin(handoff: Pick<DraftHandoff, "from" | "to" | "slots" | "phase" | "fromGone">): DraftHandoff {
    const { from, to } = handoff;
    const cause = this.sign(this.isEligible(from) ? to : from)?.cause ?? this.sign(to)?.cause;
    const begun: DraftHandoff = {
      id: this.newId(),
      ...handoff,
      startedAt: this.sight.now,
      ...(cause === undefined ? {} : { cause }),
    };
    this.handoffs.push(begun);
    return begun;
  }

  /** The group wants slots to move at once, whatever becomes of the connections in them. */
  keepsNothing(): boolean {
    return this.sight.drainSeconds === 0;
  }

  /**
   * It failed and lost these slots, though it may have taken flows of them: by the time it is back they are others'. It is asked to
   * forget once no chassis sends to it any more (`settleSlots`): what it took after that would stay.
   */
  mustForget(shard: string, slots: number[]): void {
    if (this.sign(shard) === undefined) return;
    this.begin({ from: shard, to: shard, slots, phase: "drain", fromGone: true });
  }

  /** No slot has changed hands yet. */
  isNew(): boolean {
    return this.#nextHandoff === 1;
  }

  sign(shard: string): ShardSign | undefined {
    return this.sight.shards.get(shard);
  }

  isAlive(shard: string): boolean {
    return this.sign(shard)?.alive === true;
  }

  /**
   * May have slots that it has not: it is ready, packets reach it, its shim is there, it has forgotten what it knew when it failed, and its agent
   * does not take it away. One that leaves is safe from that only for as long as it is held.
   */
  isEligible(shard: string): boolean {
    const sign = this.sign(shard);
    if (sign === undefined || !sign.ready || sign.shim === undefined) return false;
    if (!sign.reachable) return false;
    if (!this.isStaying(shard) && !isHeldBySlots(this, shard)) return false;
    return !this.handoffs.some(({ from, fromGone }) => fromGone && from === shard);
  }

  /** It is not leaving, and its agent knows that if it ever was. */
  isStaying(shard: string): boolean {
    return (
      this.sign(shard)?.placement.leaving === false && !this.leaving.some((noted) => noted.shard === shard)
    );
  }

  eligible(): ShardSign[] {
    return [...this.sight.shards].flatMap(([name, sign]) => (this.isEligible(name) ? [sign] : []));
  }

  giverSays(handoff: Handoff) {
    return saidOf(this.sign(handoff.from), handoff.id);
  }

  receiverSays(handoff: Handoff) {
    return saidOf(this.sign(handoff.to), handoff.id);
  }

  /** By slot, its handoff that is in flight. */
  inFlight(): Map<number, DraftHandoff> {
    const found = new Map<number, DraftHandoff>();
    for (const handoff of this.handoffs)
      if (isInFlight(handoff)) for (const slot of handoff.slots) found.set(slot, handoff);
    return found;
  }

  record(): SlotsRecord {
    const { tenant, name, uid } = this.sight;
    const before = this.#before;
    const handoffs = this.handoffs.filter(({ slots }) => slots.length > 0);
    const moved = before === undefined || this.owners.some((owner, slot) => owner !== before.owners[slot]);
    return {
      tenant,
      group: name,
      groupUid: uid,
      version: (before?.version ?? 0) + (moved ? 1 : 0),
      owners: this.owners,
      leaving: this.leaving,
      nextHandoff: this.#nextHandoff,
      handoffs: handoffs.toSorted((a, b) => a.id - b.id),
    };
  }
}
