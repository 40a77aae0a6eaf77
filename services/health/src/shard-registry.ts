/**
 * Ready shards in Consul: one entry of the service weft-shard for each, so that Prometheus and DNS find them.
 * Follows weft_health; an entry lives by a TTL check that the leader's copy keeps passing, and goes with the verdict.
 */
import type { View } from "@weft/bus";
import { registerService } from "@weft/consul";
import type { Leadership, Registration } from "@weft/consul";
import type { Clock, Log, Service } from "@weft/runtime";
import { reconcileLoop } from "@weft/runtime";
import type { HealthRecord, NodeRecord, PlacementRecord, ShardHealth } from "@weft/schemas";

export const shardService = "weft-shard";
const ttlSeconds = 15;

export interface ShardEntry {
  readonly id: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly address?: string;
  /** Of its agent, which tells its series. */
  readonly metricsAt?: string;
}
export type RegistryStep =
  | { readonly kind: "registerShard"; readonly entry: ShardEntry }
  | { readonly kind: "deregisterShard"; readonly id: string };

/** One entry for each ready shard; its id names the placement, so that a new shard of an old name is another entry. */
export function readyShards(
  health: ReadonlyMap<string, { readonly value: HealthRecord }>,
  placements: ReadonlyMap<string, { readonly value: PlacementRecord }>,
  nodes: ReadonlyMap<string, { readonly value: NodeRecord }>,
): ShardEntry[] {
  return [...health].flatMap(([key, { value }]) => {
    if (value.kind !== "shard" || value.state !== "ready") return [];
    const placement = placements.get(key)?.value;
    const placed =
      placement?.kind === "shard" && placement.uid === value.placementUid ? placement : undefined;
    const address = placed?.interfaces.find(({ segment }) => segment.kind === "inner")?.addresses[0];
    const metricsAt = nodes.get(value.node)?.value.metrics;
    return [
      {
        ...entryOf(value),
        ...(address === undefined ? {} : { address: address.slice(0, address.indexOf("/")) }),
        ...(metricsAt === undefined ? {} : { metricsAt }),
      },
    ];
  });
}

export function registrySteps(
  wanted: readonly ShardEntry[],
  registered: ReadonlyMap<string, ShardEntry>,
): RegistryStep[] {
  const texts = new Map(wanted.map((entry) => [entry.id, JSON.stringify(entry)]));
  const stays = ({ id }: ShardEntry) => texts.get(id) === JSON.stringify(registered.get(id));
  return [
    ...[...registered.values()]
      .filter((entry) => !stays(entry))
      .map(({ id }) => ({ kind: "deregisterShard", id }) as const),
    ...wanted.filter((entry) => !stays(entry)).map((entry) => ({ kind: "registerShard", entry }) as const),
  ];
}

function entryOf({ tenant, group, name, node, placementUid }: ShardHealth) {
  return {
    id: `${shardService}-${tenant}-${name}-${placementUid}`,
    meta: { tenant, group, shard: name, node },
  };
}

export function registerShards(o: {
  readonly health: View<HealthRecord>;
  readonly placements: View<PlacementRecord>;
  readonly nodes: View<NodeRecord>;
  readonly consulUrl: string;
  readonly leadership: Leadership;
  readonly clock: Clock;
  readonly log: Log;
}): Service {
  const registered = new Map<string, { readonly entry: ShardEntry; readonly registration: Registration }>();
  const entries = () => new Map([...registered].map(([id, { entry }]) => [id, entry]));
  const loop = reconcileLoop<readonly ShardEntry[], RegistryStep>({
    name: "shard-registry",
    clock: o.clock,
    log: o.log,
    wake: [o.health.changed, o.nodes.changed, o.leadership.changed],
    observe: () => readyShards(o.health.entries(), o.placements.entries(), o.nodes.entries()),
    active: () => o.leadership.leads(),
    decide: (wanted) => registrySteps(wanted, entries()),
    execute: async (steps) => {
      for (const step of steps) {
        if (step.kind === "registerShard") {
          const { entry } = step;
          const { log, consulUrl: url } = o;
          const registration = await registerService({ url, name: shardService, ...entry, ttlSeconds, log });
          // Consul can let one wait for long, and who lost the lead meanwhile must keep nothing alive that another one takes away.
          if (o.leadership.leads()) registered.set(entry.id, { entry, registration });
          else await registration.leave();
        } else {
          await registered.get(step.id)?.registration.close();
          registered.delete(step.id);
        }
      }
    },
  });
  // Who leads no more leaves its entries as they are: who does keeps them under the same ids.
  const leave = () => {
    if (o.leadership.leads()) return;
    for (const { registration } of registered.values()) void registration.leave();
    registered.clear();
  };
  const unfollow = o.leadership.changed.subscribe(leave);
  return {
    name: loop.name,
    start: () => loop.start(),
    stop: async () => {
      unfollow();
      await loop.stop();
      await Promise.all([...registered.values()].map(({ registration }) => registration.close()));
      registered.clear();
    },
  };
}
