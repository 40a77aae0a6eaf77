/**
 * What is known on this node of the connections of all shards beside its own, group by group: heard over the bus while one of the
 * group's shards is here. Writes nothing but requests for the whole of what was missed.
 */
import type { GroupName } from "@weft/decide";
import { createEmitter } from "@weft/runtime";
import { TrackedTold, trackedAskSubject, trackedSubject } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import { Replica } from "./replica.ts";

const askedEveryMs = 500;
/** Of a shard that is gone for good nothing is kept. */
const forgottenAfterMs = 600_000;

interface Heard {
  readonly name: GroupName;
  readonly shards: Map<string, Replica>;
  readonly subscription: Disposable;
}

export class Replicas implements Disposable {
  readonly #ports: Pick<AgentPorts, "bus" | "clock">;
  readonly #groups = new Map<string, Heard>();
  /** Of another shard everything is known, or no more. */
  readonly changed = createEmitter();
  readonly #askedAtMs = new Map<string, number>();

  constructor(ports: Pick<AgentPorts, "bus" | "clock">) {
    this.#ports = ports;
  }

  /** These and no others. */
  hear(groups: readonly GroupName[]): void {
    const wanted = new Map(groups.map((name) => [keyOf(name), name]));
    for (const [key, { subscription }] of this.#groups) {
      if (wanted.has(key)) continue;
      subscription[Symbol.dispose]();
      this.#groups.delete(key);
    }
    for (const [key, name] of wanted) {
      if (this.#groups.has(key)) continue;
      const shards = new Map<string, Replica>();
      const subscription = this.#ports.bus.subscribe(trackedSubject(name, "*"), (data) =>
        this.#take(name, shards, TrackedTold.parse(data)),
      );
      this.#groups.set(key, { name, shards, subscription });
    }
  }

  get heard(): GroupName[] {
    return [...this.#groups.values()].map(({ name }) => name);
  }

  of(group: GroupName, shard: string): Replica | undefined {
    return this.#groups.get(keyOf(group))?.shards.get(shard);
  }

  /** Shards of which nothing is missing. */
  wholeOf(group: GroupName): string[] {
    const shards = this.#groups.get(keyOf(group))?.shards ?? new Map<string, Replica>();
    return [...shards].flatMap(([shard, { isWhole }]) => (isWhole ? [shard] : [])).toSorted();
  }

  *all(): Generator<{ readonly name: GroupName; readonly shard: string; readonly replica: Replica }> {
    for (const { name, shards } of this.#groups.values())
      for (const [shard, replica] of shards) yield { name, shard, replica };
  }

  [Symbol.dispose](): void {
    this.hear([]);
  }

  #take(name: GroupName, shards: Map<string, Replica>, told: TrackedTold): void {
    const replica = shards.get(told.shard) ?? new Replica();
    shards.set(told.shard, replica);
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [gone, { heardAtMs }] of shards)
      if (gone !== told.shard && nowMs - heardAtMs > forgottenAfterMs) shards.delete(gone);
    const before = replica.isWhole;
    const complete = replica.take(told, nowMs);
    if (before !== replica.isWhole) this.changed.emit();
    if (complete) return;
    const subject = trackedAskSubject(name, told.shard);
    if (nowMs - (this.#askedAtMs.get(subject) ?? -Infinity) < askedEveryMs) return;
    this.#askedAtMs.set(subject, nowMs);
    this.#ports.bus.publish(subject, {});
  }
}

function keyOf({ tenant, group }: GroupName): string {
  return `${tenant}.${group}`;
}
