/**
 * The probes that run, by their shard's placement: one for each address family that the shard's networks have, since a
 * function may pass one family and drop the other. A shard is as old as its oldest answer.
 */
import { createEmitter } from "@weft/runtime";
import type { Clock, Signal } from "@weft/runtime";
import { parseAddress, parseSubnet, WeftError } from "@weft/schemas";
import type { ShardPlacement } from "@weft/schemas";
import { probeNamespaces } from "../wiring/names.ts";
import { Probe } from "./probe.ts";

export interface ProbeTimes {
  readonly probeIntervalMs: number;
  readonly detectionMs: number;
}

export class Probes implements Disposable {
  readonly #clock: Clock;
  /** By the placement's uid, then by target. */
  readonly #running = new Map<string, ReadonlyMap<string, Probe>>();

  readonly #times: ProbeTimes;
  readonly #passed = createEmitter();
  readonly #overdue = createEmitter();

  constructor(clock: Clock, { probeIntervalMs, detectionMs }: ProbeTimes) {
    this.#clock = clock;
    this.#times = { probeIntervalMs, detectionMs };
  }

  /** Emits when something passed for the first time. */
  get passed(): Signal {
    return this.#passed;
  }

  /** Emits when an answer has stayed away for the detection time. */
  get overdue(): Signal {
    return this.#overdue;
  }

  has(uid: string): boolean {
    return this.#running.has(uid);
  }

  /** How many probes pass through the shard: each is one connection that it tracks. */
  count(uid: string): number {
    return this.#running.get(uid)?.size ?? 0;
  }

  /** Milliseconds since every family passed; null while one of them never did. */
  ageMs(uid: string): number | null {
    return oldest([...(this.#running.get(uid)?.values() ?? [])].map((probe) => probe.age()));
  }

  /** Starts anew, whatever ran before: the links may be others. */
  start(placement: ShardPlacement): void {
    this.stop(placement.uid);
    this.#run(placement, undefined);
  }

  /**
   * Lets the probes follow the families of the shard's networks, where they run. A family that is new has its time to
   * answer like one that answered just now: the shard serves the others meanwhile.
   */
  follow(placement: ShardPlacement): void {
    if (this.has(placement.uid)) this.#run(placement, this.#clock.monotonicMs());
  }

  #run(placement: ShardPlacement, passedAt: number | undefined): void {
    const { uid } = placement;
    const before = this.#running.get(uid) ?? new Map<string, Probe>();
    const targets = probeTargets(placement);
    const namespacePath = `/run/netns/${probeNamespaces(uid).inner}`;
    const newProbe = (target: string) =>
      new Probe({
        namespacePath,
        target,
        clock: this.#clock,
        intervalMs: this.#times.probeIntervalMs,
        overdueMs: this.#times.detectionMs,
        passed: () => this.#passed.emit(),
        overdue: () => this.#overdue.emit(),
        ...(passedAt === undefined ? {} : { passedAt }),
      });
    this.#running.set(
      uid,
      new Map(targets.map((target) => [target, before.get(target) ?? newProbe(target)])),
    );
    for (const [target, probe] of before) if (!targets.includes(target)) probe[Symbol.dispose]();
  }

  stop(uid: string): void {
    for (const probe of this.#running.get(uid)?.values() ?? []) probe[Symbol.dispose]();
    this.#running.delete(uid);
  }

  [Symbol.dispose](): void {
    for (const uid of this.#running.keys()) this.stop(uid);
  }
}

/** A target of each family that any of the tenant's networks has; throws where there is none. */
export function probeTargets({ probe, networks }: Pick<ShardPlacement, "probe" | "networks">): string[] {
  const used = new Set(
    Object.values(networks).flatMap((subnets) => subnets.map((text) => parseSubnet(text).family)),
  );
  const chosen = probe.targets.filter((text) => used.has(parseAddress(text).family));
  const targets = chosen.length > 0 ? chosen : probe.targets.slice(0, 1);
  if (targets.length === 0) throw new WeftError("internal", "The placement names no target for its probe.");
  return targets;
}

/** null, which is never, is older than any age. */
export function oldest(ages: readonly (number | null)[]): number | null {
  return ages.reduce<number | null>(
    (most, age) => (most === null || age === null ? null : Math.max(most, age)),
    ages.length === 0 ? null : 0,
  );
}
