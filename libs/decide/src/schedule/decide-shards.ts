/**
 * A group's shards: place what is missing, take away what is too much (highest index first), tell the rest what is new.
 * An image, function, runtime or resource that changed needs a new container: then one shard leaves and one comes at a time.
 */
import type { GroupPlacement, ShardPlacement } from "@weft/schemas";
import { recordKey, shardName } from "@weft/schemas";
import { isNodeRemoved } from "../access/removed-nodes.ts";
import { canonicalText } from "../admit/canonical.ts";
import { maxShardIndex } from "./addressing.ts";
import type { GroupOrder } from "./decide-groups.ts";
import type { Decided } from "./decide-workloads.ts";
import type { NoRoom, Room } from "./room.ts";
import type { ScheduleSeen } from "./seen.ts";
import { newShard, shardResources } from "./shard-placement.ts";
import type { ScheduleStep } from "./step.ts";

interface Surroundings {
  readonly seen: ScheduleSeen;
  readonly room: Room;
  readonly group: GroupPlacement;
}

interface PlacedShard {
  readonly key: string;
  readonly value: ShardPlacement;
  readonly revision: number;
}

export function decideShards(order: GroupOrder, at: Surroundings): Decided {
  const all = shardsOf(order, at.seen);
  const own = all.filter(({ value }) => !value.leaving && value.intentUid === order.intent.uid);
  const stranded = own.filter(({ value }) => isNodeRemoved(value.node, at.seen.access));
  const staying = own.filter((shard) => !stranded.includes(shard));
  const wanted = order.intent.document.spec.replicas;
  const surplus = staying.slice(wanted).toReversed();
  const kept = staying.slice(0, wanted);
  const replaced = nextToReplace(order, { ...at, all, kept: surplus.length > 0 ? [] : kept });
  const remaining = kept.filter((shard) => shard !== replaced);
  const leaving = [
    ...stranded.map((shard) => leave(shard, order, `its node ${shard.value.node} was removed`)),
    ...surplus.map((shard) => leave(shard, order, `${wanted} of ${staying.length} shards are wanted`)),
    ...(replaced === undefined
      ? []
      : [leave(replaced, order, `its ${outdatedField(order, at.group, replaced) ?? "container"} changed`)]),
  ];
  const changes = remaining.flatMap((shard) => changeInPlace(order, at.group, shard));
  const placed = placeMissing(order, { ...at, all, missing: wanted - remaining.length });
  return { steps: [...leaving, ...changes, ...placed.steps], unplaced: placed.unplaced };
}

/** By index, lowest first; also those that are leaving and those of an earlier group of this name. */
function shardsOf(order: GroupOrder, seen: ScheduleSeen): PlacedShard[] {
  const shards: PlacedShard[] = [];
  for (const [key, { value, revision }] of seen.placements)
    if (value.kind === "shard" && value.tenant === order.tenant && value.group === order.name)
      shards.push({ key, value, revision });
  return shards.toSorted((a, b) => a.value.index - b.value.index);
}

/** The intent that sends it away stands in its record, so that its leaving can be traced. */
function leave({ key, value, revision }: PlacedShard, order: GroupOrder, why: string): ScheduleStep {
  const record = { ...value, leaving: true, intentRevision: order.revision };
  return { kind: "leave", key, record, ifRevision: revision, why };
}

const containerFields = [
  "function",
  "runtime",
  "image",
  "resources",
  "interfaces",
  "routes",
  "probe",
] as const;

/** The first thing that cannot be changed in a running shard and differs from what is wanted. */
function outdatedField(order: GroupOrder, group: GroupPlacement, { value }: PlacedShard): string | undefined {
  const wanted = newShard({ ...order, group }, value.index, value.node);
  return containerFields.find((field) => canonicalText(wanted[field]) !== canonicalText(value[field]));
}

/**
 * One at a time: none while a shard is leaving or a new one is not ready yet, so a bad image stops at the first shard.
 * Those that are not ready go first, since nothing is lost with them; then the highest index.
 */
function nextToReplace(
  order: GroupOrder,
  at: Surroundings & { readonly all: readonly PlacedShard[]; readonly kept: readonly PlacedShard[] },
): PlacedShard | undefined {
  const outdated = at.kept.filter((shard) => outdatedField(order, at.group, shard) !== undefined);
  if (outdated.length === 0 || at.all.some(({ value }) => value.leaving)) return undefined;
  const current = at.kept.filter((shard) => !outdated.includes(shard));
  if (current.some((shard) => !isReady(at.seen, shard))) return undefined;
  const backwards = outdated.toReversed();
  return backwards.find((shard) => !isReady(at.seen, shard)) ?? backwards[0];
}

function isReady(seen: ScheduleSeen, { key, value }: PlacedShard): boolean {
  const health = seen.health.get(key)?.value;
  return health?.kind === "shard" && health.placementUid === value.uid && health.state === "ready";
}

/** Configuration and the tenant's networks go to the running shard; an outdated one hears of them with its successor. */
function changeInPlace(order: GroupOrder, group: GroupPlacement, shard: PlacedShard): ScheduleStep[] {
  const { key, value, revision } = shard;
  if (outdatedField(order, group, shard) !== undefined) return [];
  const wanted = newShard({ ...order, group }, value.index, value.node);
  const { config, networks, generation, intentRevision } = wanted;
  const same =
    generation === value.generation &&
    canonicalText(config) === canonicalText(value.config) &&
    canonicalText(networks) === canonicalText(value.networks);
  if (same) return [];
  const why =
    generation === value.generation ? "the tenant's networks changed" : `generation ${generation} is wanted`;
  const record = { ...value, config, networks, generation, intentRevision };
  return [{ kind: "changePlacement", key, record, ifRevision: revision, why }];
}

function placeMissing(
  order: GroupOrder,
  at: Surroundings & { readonly all: readonly PlacedShard[]; readonly missing: number },
): Decided {
  const { tenant, name, intent } = order;
  const taken = new Set(at.all.map(({ value }) => value.index));
  const steps: ScheduleStep[] = [];
  for (let nth = 0; nth < at.missing; nth += 1) {
    const index = lowestFree(taken);
    const chosen = index === undefined ? noIndex : chooseNode(order, at.room);
    if (index === undefined || "reason" in chosen) {
      const message = `${at.missing - nth} of ${intent.document.spec.replicas} shards have no place: ${"message" in chosen ? chosen.message : ""}`;
      const reason = "reason" in chosen ? chosen.reason : "NoRoom";
      return { steps, unplaced: [{ kind: "FunctionGroup", tenant, name, reason, message }] };
    }
    taken.add(index);
    const key = recordKey("shard", tenant, shardName(name, index));
    const record = newShard({ ...order, group: at.group }, index, chosen.node);
    at.room.take(key, { ...record, uid: "" });
    const why = `${chosen.node} has the fewest shards of ${name} and the most room`;
    steps.push({ kind: "placeShard", key, record, why });
  }
  return { steps, unplaced: [] };
}

const noIndex: NoRoom = {
  reason: "NoRoom",
  message: "all its addresses are held by shards that are leaving",
};

function lowestFree(taken: ReadonlySet<number>): number | undefined {
  for (let index = 0; index <= maxShardIndex; index += 1) if (!taken.has(index)) return index;
  return undefined;
}

function chooseNode(order: GroupOrder, room: Room): { node: string } | NoRoom {
  const { spec } = order.intent.document;
  return room.choose({
    runtime: spec.runtime,
    resources: shardResources(spec.resources),
    isKin: (instance) =>
      instance.kind === "shard" && instance.tenant === order.tenant && instance.group === order.name,
  });
}
