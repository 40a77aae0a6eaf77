/** The probes that run, by their shard's placement. */
import type { Clock } from "@weft/runtime";
import { parseAddress, WeftError } from "@weft/schemas";
import type { ShardPlacement } from "@weft/schemas";
import { probeNamespaces } from "../wiring/names.ts";
import { Probe } from "./probe.ts";

export class Probes implements Disposable {
  readonly #clock: Clock;
  readonly #running = new Map<string, Probe>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(uid: string): boolean {
    return this.#running.has(uid);
  }

  ageMs(uid: string): number | null {
    return this.#running.get(uid)?.age(this.#clock.now()) ?? null;
  }

  start({ uid, probe }: ShardPlacement): void {
    this.stop(uid);
    // One family tells whether the shard forwards; IPv4 where there is a choice.
    const target = probe.targets.find((text) => parseAddress(text).family === 4) ?? probe.targets[0];
    if (target === undefined) throw new WeftError("internal", "The placement names no target for its probe.");
    const namespacePath = `/run/netns/${probeNamespaces(uid).inner}`;
    this.#running.set(uid, new Probe({ namespacePath, target, clock: this.#clock }));
  }

  stop(uid: string): void {
    this.#running.get(uid)?.[Symbol.dispose]();
    this.#running.delete(uid);
  }

  [Symbol.dispose](): void {
    for (const uid of this.#running.keys()) this.stop(uid);
  }
}
