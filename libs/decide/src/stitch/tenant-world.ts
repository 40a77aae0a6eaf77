/**
 * One tenant's part of what is seen: its networks, chains, groups and instances, each under its name.
 * Reads intents and placements; documents of another kind or another placement's uid are sorted out here.
 */
import type {
  Chain,
  FunctionGroup,
  GroupPlacement,
  InstancePlacement,
  IntentRecord,
  Network,
  Segment,
  ShardPlacement,
  UplinkPlacement,
} from "@weft/schemas";
import { isInstance } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import type { StitchSeen } from "./seen.ts";
import { interfacesOf } from "./topology.ts";

export interface Wanted<Document> {
  readonly document: Document;
  readonly intent: IntentRecord;
  readonly revision: number;
}

export interface TenantWorld {
  readonly tenant: string;
  readonly networks: ReadonlyMap<string, Wanted<Network>>;
  /** Oldest first. */
  readonly chains: readonly Wanted<Chain>[];
  readonly groups: ReadonlyMap<string, Wanted<FunctionGroup>>;
  readonly groupPlacements: ReadonlyMap<string, GroupPlacement>;
  readonly instances: readonly Found<InstancePlacement>[];
  /** Places in `instances` of those that have a port on a segment, in order, by `segmentKey`. */
  readonly onSegment: ReadonlyMap<string, readonly number[]>;
  /** By the network's name. */
  readonly uplinks: ReadonlyMap<string, UplinkPlacement>;
  /** Shards by name, with those that are leaving. */
  readonly shards: ReadonlyMap<string, ShardPlacement>;
}

interface Collecting {
  networks: Map<string, Wanted<Network>>;
  chains: Wanted<Chain>[];
  groups: Map<string, Wanted<FunctionGroup>>;
  groupPlacements: Map<string, GroupPlacement>;
  instances: Found<InstancePlacement>[];
  uplinks: Map<string, UplinkPlacement>;
  shards: Map<string, ShardPlacement>;
}

/** Tenants by name, sorted. */
export function tenantWorlds(seen: Pick<StitchSeen, "intents" | "placements">): TenantWorld[] {
  const tenants = new Map<string, Collecting>();
  const of = (tenant: string): Collecting => {
    const found = tenants.get(tenant) ?? emptyTenant();
    tenants.set(tenant, found);
    return found;
  };
  for (const { value: intent, revision } of inOrder(seen.intents)) {
    const { document } = intent;
    const { name, tenant = "" } = document.metadata;
    if (document.kind === "Network") of(tenant).networks.set(name, { document, intent, revision });
    if (document.kind === "Chain") of(tenant).chains.push({ document, intent, revision });
    if (document.kind === "FunctionGroup") of(tenant).groups.set(name, { document, intent, revision });
  }
  for (const { value, revision } of inOrder(seen.placements)) {
    const world = of(value.tenant);
    if (value.kind === "group") world.groupPlacements.set(value.name, value);
    if (value.kind === "uplink") world.uplinks.set(value.name, value);
    if (isInstance(value)) world.instances.push({ value, revision });
    if (value.kind === "shard") world.shards.set(value.name, value);
  }
  for (const { chains } of tenants.values()) chains.sort(byAge);
  return [...tenants]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([tenant, world]) => Object.assign(world, { tenant, onSegment: bySegment(world.instances) }));
}

export function segmentKey({ kind, name }: Segment): string {
  return `${kind} ${name}`;
}

/** Asked for every network and chain: a scan of all instances for each made a look of 1,000 workloads five times as long. */
function bySegment(instances: readonly Found<InstancePlacement>[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, { value }] of instances.entries())
    for (const key of new Set(interfacesOf(value).map(({ segment }) => segmentKey(segment)))) {
      const found = places.get(key);
      if (found === undefined) places.set(key, [place]);
      else found.push(place);
    }
  return places;
}

function emptyTenant(): Collecting {
  return {
    networks: new Map(),
    chains: [],
    groups: new Map(),
    groupPlacements: new Map(),
    instances: [],
    uplinks: new Map(),
    shards: new Map(),
  };
}

function inOrder<T>(records: ReadonlyMap<string, Found<T>>): Found<T>[] {
  return [...records].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

function byAge(a: Wanted<Chain>, b: Wanted<Chain>): number {
  const order = (wanted: Wanted<Chain>) => `${wanted.intent.createdAt} ${wanted.document.metadata.name}`;
  return order(a) < order(b) ? -1 : 1;
}
