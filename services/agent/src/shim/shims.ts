/**
 * The shims of the node's shards: a loop for each (shard-shim.ts) for as long as it is placed here, and a small one that takes
 * records and lists away whose shard is gone. Reads weft_placements; writes weft_shims and the stream WEFT_FLOWS.
 */
import { shimOf, waitsForSteering } from "@weft/decide";
import { composeServices, reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { InstancePlacement, ShardPlacement, ShimRecord } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import type { StoreMemory } from "../store-memory.ts";
import type { Ruleset } from "./ruleset/ruleset.ts";
import type { SeenRules } from "./shim-kernel.ts";
import { ShardShim } from "./shard-shim.ts";
import type { ShimContext } from "./shard-shim.ts";
import { showShims } from "./shim-metrics.ts";

export interface ShimsContext extends ShimContext {
  readonly memory: StoreMemory;
  /** Flows of a family that a shim remembers. */
  readonly limit: number;
}

export interface Shims extends Service {
  /** What a look into the shard's namespace found. */
  seenInKernel(uid: string, rules: SeenRules): void;
  /** How many connections the shard's function tracks; null: nobody knows. */
  tracked(uid: string, flows: number | null): void;
  /** What its wiring loads ahead of everything; undefined for a workload, and while its group is not placed. */
  firstRulesOf(placement: InstancePlacement): FirstRules | undefined;
  /** That was loaded with a closed gate. */
  gateClosed(uid: string): void;
}

export interface FirstRules extends Ruleset {
  /** Flows of others may come to the shard: unless something passes already, nothing shall until it knows whose each is. */
  readonly waits: boolean;
}

interface Kept {
  readonly placement: ShardPlacement;
  readonly shim: ShardShim;
}

export function keepShims(context: ShimsContext): Shims {
  const { views } = context.ports;
  /** By the placement's uid. */
  const kept = new Map<string, Kept>();
  let turn = Promise.resolve();
  const follow = () => {
    turn = turn
      .then(() => followPlacements(kept, context))
      .catch((err: unknown) => context.ports.log.error({ err }, "shims do not follow the placements"));
  };
  const open = new DisposableStack();
  const shards: Service = {
    name: "shims of shards",
    start: async () => {
      for (const signal of [views.placements.changed, context.ports.bus.lineage.changed])
        open.defer(signal.subscribe(follow));
      open.use(showShims(() => shown(kept, context)));
      follow();
    },
    stop: async () => {
      open.dispose();
      await turn;
      await Promise.all([...kept.values()].map(({ shim }) => shim.stop()));
    },
  };
  return {
    ...composeServices("shims", [shards, withoutShards(context)]),
    seenInKernel: (uid, rules) => kept.get(uid)?.shim.seenInKernel(rules),
    tracked: (uid, flows) => kept.get(uid)?.shim.tracked(flows),
    firstRulesOf: (placement) => {
      const seen = placement.kind === "shard" ? context.worlds.of(placement) : undefined;
      if (seen === undefined) return undefined;
      return { ...context.rules.of(seen.shard, seen.group), waits: waitsForSteering(shimOf(seen)) };
    },
    gateClosed: (uid) => kept.get(uid)?.shim.gateClosed(),
  };
}

function shown(kept: ReadonlyMap<string, Kept>, { node, limit }: ShimsContext) {
  const shims = [...kept.values()].map(({ placement, shim }) => ({ placement, count: shim.count }));
  return { node, limit, shims };
}

async function followPlacements(kept: Map<string, Kept>, context: ShimsContext): Promise<void> {
  const placed = placedHere(context);
  if (placed === undefined) return;
  for (const [uid, { shim }] of kept) {
    if (placed.has(uid)) continue;
    kept.delete(uid);
    await shim.stop();
  }
  for (const [uid, { key, placement }] of placed) {
    if (kept.has(uid)) continue;
    const now = () => placementAt(key, uid, context.ports);
    const shim = new ShardShim(key, now, context);
    kept.set(uid, { placement, shim });
    await shim.loop.start();
  }
}

/** By uid; undefined while the records come from a store that lost them: what runs goes on. */
function placedHere({ node, memory, ports: { bus, views } }: ShimsContext) {
  const lost = bus.lineage.lost().has("placements");
  if (lost || memory.isStrange("placements", views.placements.store)) return undefined;
  const shards = [...views.placements.entries()].flatMap(([key, { value }]) =>
    value.kind === "shard" && value.node === node ? [[value.uid, { key, placement: value }] as const] : [],
  );
  return new Map(shards);
}

function placementAt(key: string, uid: string, { views }: AgentPorts): ShardPlacement | undefined {
  const found = views.placements.get(key)?.value;
  return found?.kind === "shard" && found.uid === uid ? found : undefined;
}

interface Gone {
  readonly kind: "deleteShim";
  readonly key: string;
  readonly revision: number;
  readonly record: ShimRecord;
}

/** Records of this node that name a placement which is not there any more. */
function withoutShards(context: ShimsContext): Service {
  const { node, ports } = context;
  const { views, bus, clock, log } = ports;
  return reconcileLoop<readonly Gone[], Gone>({
    name: "shim records",
    clock,
    log,
    wake: [views.placements.changed, views.shims.changed],
    resyncMs: 60_000,
    observe: () => {
      const placed = placedHere(context);
      if (placed === undefined) return undefined;
      return [...views.shims.entries()].flatMap(([key, { value, revision }]): Gone[] =>
        value.node === node && !placed.has(value.placementUid)
          ? [{ kind: "deleteShim", key, revision, record: value }]
          : [],
      );
    },
    decide: (gone) => gone,
    execute: async (gone) => {
      for (const { key, revision, record } of gone) {
        const { tenant, group, placementUid } = record;
        for (const id of await bus.flowLists.idsOf({ tenant, group, placementUid }))
          await bus.flowLists.remove({ tenant, group, placementUid, id });
        await bus.remove("shims", key, { ifRevision: revision });
      }
    },
  });
}
