/**
 * The packet steering in front of a shard, as a model of its netdev table: the sets that it has, and what its rules do with a
 * frame, in their order. Sides do not matter here: keys are client first in both directions.
 */
import type { ActualShim, MacPair } from "@weft/decide";

/** Stands for the five values that name a flow. */
export type FlowKey = number;

export interface Frame {
  readonly flow: FlowKey;
  readonly slot: number;
  /** `syn`: without ACK; `datagram`: of a protocol without handshakes; `segment`: any other of TCP. */
  readonly kind: "syn" | "datagram" | "segment";
}

export type Verdict = { readonly kind: "local" } | { readonly kind: "handOn"; readonly mac: string };
const local: Verdict = { kind: "local" };

export interface LoadedList extends MacPair {
  readonly slots: readonly number[];
  readonly flows: readonly FlowKey[];
}

export class Steering {
  readonly known = new Map<FlowKey, number>();
  next: ActualShim["next"] = new Map();
  prev: ActualShim["prev"] = new Map();
  lists: ReadonlyMap<number, LoadedList> = new Map();
  #owner: ReadonlyMap<FlowKey, string> = new Map();

  /** `owner` whole, as one transaction. Of a flow in two lists the later one counts. */
  loadLists(lists: ReadonlyMap<number, LoadedList>): void {
    this.lists = lists;
    const owner = new Map<FlowKey, string>();
    for (const [, list] of [...lists].toSorted(([a], [b]) => a - b))
      for (const flow of list.flows) owner.set(flow, list.in);
    this.#owner = owner;
  }

  /** The numbers are those of the rules in the table. */
  steer(frame: Frame, fromPeer: boolean): Verdict {
    const { flow, slot, kind } = frame;
    const opens = kind !== "segment";
    if (fromPeer) {
      if (opens) this.known.set(flow, slot); // 1: never handed on, whatever the sets say
      return local;
    }
    if (this.known.has(flow)) return local; // 3
    const owner = this.#owner.get(flow);
    if (owner !== undefined) return { kind: "handOn", mac: owner }; // 4
    const next = this.next.get(slot);
    if (next !== undefined) return { kind: "handOn", mac: next.in }; // 5
    if (opens) {
      this.known.set(flow, slot); // 6
      return local;
    }
    const prev = this.prev.get(slot);
    return prev === undefined ? local : { kind: "handOn", mac: prev.in }; // 7
  }

  knownIn(slots: readonly number[]): FlowKey[] {
    const asked = new Set(slots);
    return [...this.known].flatMap(([flow, slot]) => (asked.has(slot) ? [flow] : []));
  }
}
