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

export interface HandOn {
  readonly kind: "handOn";
  readonly mac: string;
  /** Which of its sets says so. */
  readonly by: "owner" | "next" | "prev";
}
export type Verdict = { readonly kind: "local" } | { readonly kind: "dropped" } | HandOn;
const local: Verdict = { kind: "local" };

export class Steering {
  readonly #known = new Map<FlowKey, number>();
  next: ActualShim["next"] = new Map();
  prev: ActualShim["prev"] = new Map();
  /** Flows that other shards own. */
  owner: ReadonlyMap<FlowKey, MacPair> = new Map();
  /** The gate ahead of all rules is closed. */
  waiting: boolean;
  /** How often `known` has changed. */
  changes = 0;

  constructor(waiting = false) {
    this.waiting = waiting;
  }

  /** The numbers are those of the rules in the table. */
  steer(frame: Frame, fromPeer: boolean): Verdict {
    const { flow, slot, kind } = frame;
    const opens = kind !== "segment";
    if (this.waiting) return { kind: "dropped" };
    if (fromPeer) {
      if (opens) this.#learn(flow, slot); // 1: never handed on, whatever the sets say
      return local;
    }
    if (this.knows(flow)) return local; // 3
    const owner = this.owner.get(flow);
    if (owner !== undefined) return handOn(owner, "owner"); // 4
    const next = this.next.get(slot);
    if (next !== undefined) return handOn(next, "next"); // 5
    if (opens) {
      this.#learn(flow, slot); // 6
      return local;
    }
    const prev = this.prev.get(slot);
    return prev === undefined ? local : handOn(prev, "prev"); // 7
  }

  knows(flow: FlowKey): boolean {
    return this.#known.has(flow);
  }

  /** What it knows, with the slots: a copy. */
  known(): Map<FlowKey, number> {
    return new Map(this.#known);
  }

  /** It closed, or its time was up. */
  forget(flow: FlowKey): void {
    if (this.#known.delete(flow)) this.changes += 1;
  }

  forgetAll(): void {
    if (this.#known.size > 0) this.changes += 1;
    this.#known.clear();
  }

  #learn(flow: FlowKey, slot: number): void {
    if (this.#known.get(flow) === slot) return;
    this.#known.set(flow, slot);
    this.changes += 1;
  }
}

function handOn(macs: MacPair, by: HandOn["by"]): HandOn {
  return { kind: "handOn", mac: macs.in, by };
}
