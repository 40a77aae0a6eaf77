/**
 * Looks into a shard's `known`, seldom: nft reads the whole set, 20 µs of a core for each flow. A look takes one hundredth of the time
 * at most; while nothing drains there is one a minute, or when the function's own number says that much has changed.
 */
import type { ShimDuty } from "@weft/decide";
import { slotOfFlow } from "@weft/decide";
import type { Clock } from "@weft/runtime";
import type { Affinity, Flow } from "@weft/schemas";
import { slotCount } from "@weft/schemas";

const restFactor = 100;
const unaskedEveryMs = 60_000;

export interface KnownCount {
  readonly ipv4: number;
  readonly ipv6: number;
  /** By handoff, of those that were asked for when the look began: their slots get no new flow. */
  readonly draining: ReadonlyMap<number, number>;
}

export interface LookPorts {
  readonly clock: Clock;
  /** The flows, and whose slots count. Throws while they can't be read. */
  readonly read: () => Promise<readonly Flow[]>;
  readonly counting: () => { readonly affinity: Affinity; readonly duties: readonly ShimDuty[] };
  readonly found: (count: KnownCount) => void;
  readonly failed: (cause: unknown) => void;
}

export class KnownLooks implements Disposable {
  readonly #ports: LookPorts;
  #endedAt: number;
  #tookMs = 0;
  #timer: { readonly dueAt: number; readonly wait: Disposable } | undefined;
  #looking = false;
  #over = false;

  constructor(ports: LookPorts) {
    this.#ports = ports;
    this.#endedAt = ports.clock.monotonicMs();
  }

  /** `asked`: something waits for it. Harmless to say again. */
  want(asked: boolean): void {
    if (this.#looking || this.#over) return;
    const { clock } = this.#ports;
    const restMs = this.#tookMs * restFactor;
    const dueAt = this.#endedAt + (asked ? restMs : Math.max(restMs, unaskedEveryMs));
    if (this.#timer !== undefined && this.#timer.dueAt <= dueAt) return;
    this.#timer?.wait[Symbol.dispose]();
    const wait = clock.after(Math.max(0, dueAt - clock.monotonicMs()), () => void this.#look());
    this.#timer = { dueAt, wait };
  }

  /** The set was read for another reason: that counts as well. */
  took(ms: number): void {
    this.#endedAt = this.#ports.clock.monotonicMs();
    this.#tookMs = ms;
  }

  [Symbol.dispose](): void {
    this.#timer?.wait[Symbol.dispose]();
    this.#over = true;
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#looking = true;
    const { clock, read, counting, found, failed } = this.#ports;
    const { affinity, duties } = counting();
    const beganAt = clock.monotonicMs();
    const outcome = await read().then(
      (flows) => () => found(countKnown(flows, affinity, duties)),
      (cause: unknown) => () => failed(cause),
    );
    this.took(clock.monotonicMs() - beganAt);
    this.#looking = false;
    if (!this.#over) outcome();
  }
}

export function countKnown(
  flows: readonly Flow[],
  affinity: Affinity,
  duties: readonly ShimDuty[],
): KnownCount {
  const bySlot = new Uint32Array(slotCount);
  let ipv6 = 0;
  for (const flow of flows) {
    const slot = slotOfFlow(affinity, flow);
    bySlot[slot] = (bySlot[slot] ?? 0) + 1;
    if (flow[0].includes(":")) ipv6 += 1;
  }
  const draining = duties.map(
    ({ handoff, slots }) => [handoff, slots.reduce((sum, slot) => sum + (bySlot[slot] ?? 0), 0)] as const,
  );
  return { ipv4: flows.length - ipv6, ipv6, draining: new Map(draining) };
}

/** The largest power of two that is not more, or 0: what changes seldom enough to be told. */
export function atLeast(flows: number): number {
  return flows < 1 ? 0 : 2 ** Math.floor(Math.log2(flows));
}
