/**
 * A chain is ready when the network sends its traffic by the slots that its groups have now, and each group has a ready shard.
 * Reads stitched, slots and the groups' shards.
 */
import type { Chain, IntentRecord } from "@weft/schemas";
import { intentKey, recordKey } from "@weft/schemas";
import type { GroupIntent } from "./group-status.ts";
import { slotsOf } from "./group-status.ts";
import { shardStanding } from "./shard-standing.ts";
import type { Standing } from "./standing.ts";
import { readySince, waiting } from "./standing.ts";
import { stitchedStanding } from "./stitched-standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

export type ChainIntent = StatusEntry<IntentRecord & { readonly document: Chain }>;

export interface ChainStatus {
  readonly standing: Standing;
  readonly fields: { readonly groups: readonly { readonly name: string; readonly ready: number }[] };
}

export function chainStatus(intent: ChainIntent, world: StatusWorld): ChainStatus {
  const { metadata, spec } = intent.value.document;
  const tenant = metadata.tenant ?? "";
  const groups = spec.through.map((name) => ({ name, ready: readyShards(world, tenant, name) }));
  return { standing: standingOf(intent, world, groups), fields: { groups } };
}

function standingOf(
  intent: ChainIntent,
  world: StatusWorld,
  groups: readonly { readonly name: string; readonly ready: number }[],
): Standing {
  const { metadata, spec } = intent.value.document;
  const tenant = metadata.tenant ?? "";
  const { uid, generation } = intent.value;
  for (const network of [spec.from, spec.to])
    if (!world.intents.has(intentKey("Network", tenant, network)))
      return waiting("NetworkMissing", `there is no network ${network}`, intent.at);
  for (const { name, ready } of groups) {
    const group = groupIntent(world, tenant, name);
    if (group === undefined) return waiting("GroupMissing", `there is no function group ${name}`, intent.at);
    if (ready === 0) return waiting("NoReadyShard", `${name} has no ready shard`, group.at);
  }
  const since = intent.at;
  const stitched = stitchedStanding(world, {
    kind: "chain",
    tenant,
    name: metadata.name,
    uid,
    generation,
    since,
  });
  if (!stitched.ready) return stitched;
  const carried = groups.map(({ name, ready }) => `${name} (${ready} ready)`).join(", ");
  return oldSlots(intent, world) ?? readySince(`traffic passes ${carried}`, [stitched.since]);
}

/** Slots that have moved since the network was programmed: it is not ready until the nodes follow. */
function oldSlots(intent: ChainIntent, world: StatusWorld): Standing | undefined {
  const { metadata, spec } = intent.value.document;
  const tenant = metadata.tenant ?? "";
  const inForce = world.stitched.get(recordKey("chain", tenant, metadata.name))?.value.slots ?? {};
  for (const name of spec.through) {
    const group = groupIntent(world, tenant, name);
    const slots = group === undefined ? undefined : slotsOf(group, world);
    if (slots === undefined) return waiting("NoSlots", `${name} has no slots yet`, intent.at);
    const { version } = slots.value;
    if (inForce[name] !== version)
      return waiting(
        "Stitching",
        `the network has slots ${inForce[name] ?? "none"} of ${name}, ${version} is wanted`,
        slots.at,
      );
  }
  return undefined;
}

function groupIntent(world: StatusWorld, tenant: string, name: string): GroupIntent | undefined {
  const entry = world.intents.get(intentKey("FunctionGroup", tenant, name));
  if (entry === undefined) return undefined;
  const { document } = entry.value;
  return document.kind === "FunctionGroup" ? { ...entry, value: { ...entry.value, document } } : undefined;
}

function readyShards(world: StatusWorld, tenant: string, group: string): number {
  return world.shardsOf(tenant, group).filter((shard) => shardStanding(world, shard).state === "ready")
    .length;
}
