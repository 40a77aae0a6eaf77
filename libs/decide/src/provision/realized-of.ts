/**
 * What an agent reports of a placement, from what it sees. Pure: the same sight gives the same record.
 * `generation` is the one that runs: the old one for as long as a new configuration could not be loaded.
 */
import type { InstancePlacement, RealizedRecord } from "@weft/schemas";
import { isDone } from "./restart.ts";
import type { Failure, SeenInstance, SeenPlacement, SeenThing } from "./seen.ts";

export interface Sight {
  readonly thing: SeenThing | undefined;
  readonly failure: Failure | undefined;
  /** The last report of this very placement. */
  readonly previous: RealizedRecord | undefined;
}

export function realizedOf(target: SeenPlacement, sight: Sight): RealizedRecord {
  const { placement, revision } = target;
  const { thing, failure } = sight;
  const { holder, instance, config } = thing ?? {};
  const startedAt = instance?.startedAt ?? sight.previous?.startedAt;
  return {
    kind: placement.kind,
    tenant: placement.tenant,
    name: placement.name,
    ...(placement.kind === "shard" ? { group: placement.group } : {}),
    node: placement.node,
    placementUid: placement.uid,
    placementRevision: revision,
    generation: liveGeneration(target, thing),
    state: stateOf(target, sight),
    ...(instance === undefined ? {} : { instance: instance.id }),
    ...(holder === undefined ? {} : { holder: holder.id }),
    ...(holder?.namespaceInode === undefined ? {} : { namespaceInode: holder.namespaceInode }),
    ...(config === undefined ? {} : { configHash: config.hash, configLoadedAt: config.loadedAt }),
    ...exitCodeOf(instance),
    restarts: restartsOf(sight),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(failure === undefined ? {} : { fault: { code: failure.code, message: failure.message } }),
  };
}

function exitCodeOf(instance: SeenInstance | undefined): Pick<RealizedRecord, "exitCode"> {
  const exitCode = instance?.running === false ? instance.ended?.exitCode : undefined;
  return exitCode === undefined ? {} : { exitCode };
}

export function restartsOf({ previous, thing }: Sight): number {
  const [before, now] = [previous?.startedAt, thing?.instance?.startedAt];
  return (previous?.restarts ?? 0) + (before !== undefined && now !== undefined && before !== now ? 1 : 0);
}

/** A namespace without a command has no process to start; everything else has. */
export function wantsInstance(placement: InstancePlacement): boolean {
  return placement.kind === "shard" || placement.runtime === "docker" || placement.command !== undefined;
}

function liveGeneration({ placement, wanted }: SeenPlacement, thing: SeenThing | undefined): number {
  if (placement.kind === "workload") return thing?.wiring === wanted.wiring ? placement.generation : 0;
  if (thing?.config === undefined) return 0;
  return thing.config.hash === wanted.config ? placement.generation : thing.config.generation;
}

function stateOf({ placement }: SeenPlacement, { thing, failure }: Sight): RealizedRecord["state"] {
  const wired = thing?.holder?.running === true && thing.wiring !== undefined;
  const started = !wantsInstance(placement) || thing?.instance?.running === true;
  const configured = placement.kind === "workload" || thing?.config !== undefined;
  if (wired && started && configured) return "running";
  if (failure !== undefined) return "failed";
  const { instance } = thing ?? {};
  if (instance !== undefined && !instance.running) return "exited";
  if (instance !== undefined && isDone(placement, instance)) return "exited";
  return "creating";
}
