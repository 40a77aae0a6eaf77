/**
 * A group's shards: place or take back what is missing, take away what is too much, replace what must be made anew (rolling.ts),
 * tell the rest what is new. What shards are to be made of is given: the generation that is asked for, or an earlier one.
 */
import type { GroupPlacement, ShardPlacement } from "@weft/schemas";
import { recordKey, shardName } from "@weft/schemas";
import { isNodeRemoved, isSilent } from "../access/removed-nodes.ts";
import { isSameJson } from "../admit/canonical.ts";
import { maxShardIndex } from "./addressing.ts";
import type { GroupOrder } from "./decide-groups.ts";
import type { Decided } from "./decide-workloads.ts";
import type { NodeWishes } from "./node-policies.ts";
import type { Rolling } from "./rolling.ts";
import { budgetOf, leavingNow, placesWanted, toldNow } from "./rolling.ts";
import type { NoRoom, Room } from "./room.ts";
import { surplusOf } from "./scale-in.ts";
import type { ScheduleSeen } from "./seen.ts";
import { newShard, shardResources } from "./shard-placement.ts";
import type { ShardOrder } from "./shard-placement.ts";
import type { ShardSight } from "./shard-sight.ts";
import type { ScheduleStep, TakeBack } from "./step.ts";
import { returning, takeBack } from "./take-back.ts";

interface Surroundings {
  readonly seen: ScheduleSeen;
  readonly room: Room;
  readonly now: string;
  readonly group: GroupPlacement;
  /** Every shard of the group's name. */
  readonly shards: readonly ShardSight[];
  /** What an operator wants of the node. */
  readonly wishesOf: (node: string) => NodeWishes;
  /** Whether the node has been lost for so long that nobody waits for it. */
  readonly givenUp: (node: string) => boolean;
  /** What they are to be made of. */
  readonly target: Omit<ShardOrder, "group">;
}

export function decideShards(order: GroupOrder, at: Surroundings): Decided {
  const own = at.shards.filter(({ value }) => !value.leaving && value.intentUid === order.intent.uid);
  const stranded = own.filter(({ value }) => isNodeRemoved(value.node, at.seen.access));
  const lost = own.filter((shard) => !stranded.includes(shard) && at.givenUp(shard.value.node));
  const staying = own.filter((shard) => !stranded.includes(shard) && !lost.includes(shard));
  const reasons = new Map(staying.flatMap((shard) => entryOf(shard, reasonToReplace(at, shard))));
  const rolling = rollingOf(order, { ...at, staying, reasons });
  const missing = placesWanted(rolling);
  const back = takenBack(at, missing);
  const placed = place(order, { ...at, count: missing - back.length });
  const room = placed.unplaced.length === 0;
  const replaced = leavingNow(rolling, { placed: back.length + placed.steps.length, room });
  const wanted = rolling.budget.replicas;
  const surplus = surplusOf(
    staying.filter((shard) => !reasons.has(shard)),
    wanted,
  );
  const by = { order, now: at.now };
  const leaving = [
    ...stranded.map((shard) => leave(shard, by, `its node ${shard.value.node} was removed`)),
    ...replacedOf(lost, wanted - staying.length - back.length - placed.steps.length).map((shard) =>
      leave(shard, by, `its node ${shard.value.node} is lost, and another shard takes its place`),
    ),
    ...surplus.map((shard) => leave(shard, by, `${wanted} of ${staying.length} shards are wanted`)),
    ...replaced.map((shard) => leave(shard, by, reasons.get(shard)?.why ?? "")),
  ];
  const remaining = staying.filter((shard) => !surplus.includes(shard) && !replaced.includes(shard));
  const changes = changesInPlace(at, { rolling, remaining });
  return { steps: [...leaving, ...changes, ...back, ...placed.steps], unplaced: placed.unplaced };
}

function takenBack(at: Surroundings, count: number): TakeBack[] {
  const { intent } = at.target;
  const able = returning(at.shards, count, {
    config: intent.document.spec.config,
    isOutdated: (shard) => outdatedField(at, shard) !== undefined,
    isClosed: (node) =>
      at.wishesOf(node).unschedulable || isNodeRemoved(node, at.seen.access) || isSilent(node, at.seen),
  });
  return able.map((shard) => takeBack(shard, at.target, at.now));
}

/** Those on lost nodes whose place another one has now: a node may come back with those for which nobody else has room. */
function replacedOf(lost: readonly ShardSight[], missing: number): readonly ShardSight[] {
  return lost.slice(Math.max(0, missing));
}

/** The intent that sends it away stands in its record, so that its leaving can be traced; and when, for its drain's time. */
function leave(
  { key, value, revision }: ShardSight,
  by: { readonly order: GroupOrder; readonly now: string },
  why: string,
): ScheduleStep {
  const record = { ...value, leaving: true, leavingSince: by.now, intentRevision: by.order.revision };
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
function outdatedField(
  { target, group }: Pick<Surroundings, "target" | "group">,
  { value }: ShardSight,
): string | undefined {
  const wanted = newShard({ ...target, group }, value.index, value.node);
  return containerFields.find((field) => !isSameJson(wanted[field], value[field]));
}

interface Reason {
  readonly why: string;
  readonly moves: boolean;
}

function reasonToReplace(at: Surroundings, shard: ShardSight): Reason | undefined {
  const field = outdatedField(at, shard);
  if (field === undefined) {
    const { node } = shard.value;
    return at.wishesOf(node).drain ? { why: `its node ${node} is drained`, moves: true } : undefined;
  }
  const { generation } = at.target.intent;
  const back = generation < shard.value.generation ? `: the group goes back to generation ${generation}` : "";
  return { why: `its ${field} changed${back}`, moves: false };
}

function entryOf(shard: ShardSight, reason: Reason | undefined): [ShardSight, Reason][] {
  return reason === undefined ? [] : [[shard, reason]];
}

function rollingOf(
  order: GroupOrder,
  {
    target,
    shards,
    staying,
    reasons,
  }: Surroundings & {
    readonly staying: readonly ShardSight[];
    readonly reasons: ReadonlyMap<ShardSight, Reason>;
  },
): Rolling {
  const told = staying.filter(
    (shard) => !reasons.has(shard) && shard.value.generation === target.intent.generation,
  );
  return {
    budget: budgetOf(order.intent.document.spec),
    staying,
    replaced: reasons,
    pending: told.filter((shard) => !shard.excused && !(shard.current && shard.ownsSlots)).length,
    handingOver: shards.filter(({ value, ownsSlots }) => value.leaving && ownsSlots).length,
  };
}

/**
 * The tenant's networks and a new generation that changes nothing else are told to all at once; a new configuration to
 * some at a time. A shard that needs a new container hears of neither: its successor does.
 */
function changesInPlace(
  at: Surroundings,
  { rolling, remaining }: { readonly rolling: Rolling; readonly remaining: readonly ShardSight[] },
): ScheduleStep[] {
  const kept = remaining.filter((shard) => rolling.replaced.get(shard)?.moves !== false);
  const { config } = at.target.intent.document.spec;
  const stale = kept.filter(({ value }) => !isSameJson(value.config, config));
  const told = toldNow(rolling, stale);
  return kept.flatMap((shard) =>
    changeInPlace(at, shard, { told: !stale.includes(shard) || told.includes(shard) }),
  );
}

function changeInPlace(
  { target, now }: Surroundings,
  { key, value, revision }: ShardSight,
  { told }: { readonly told: boolean },
): ScheduleStep[] {
  const { networks, intent } = target;
  const { generation } = intent;
  const renewed = told && generation !== value.generation;
  if (!renewed && isSameJson(networks, value.networks)) return [];
  const record: ShardPlacement = renewed
    ? {
        ...value,
        networks,
        generation,
        intentRevision: target.revision,
        config: intent.document.spec.config,
        askedAt: now,
      }
    : { ...value, networks };
  const why = renewed ? `generation ${generation} is wanted` : "the tenant's networks changed";
  return [{ kind: "changePlacement", key, record, ifRevision: revision, why }];
}

function place(order: GroupOrder, at: Surroundings & { readonly count: number }): Decided {
  const { tenant, name } = order;
  const taken = new Set(at.shards.map(({ value }) => value.index));
  const steps: ScheduleStep[] = [];
  for (let nth = 0; nth < at.count; nth += 1) {
    const index = lowestFree(taken);
    const chosen = index === undefined ? noIndex : chooseNode(order, at);
    if (index === undefined || "reason" in chosen) {
      const message = `${lackText(order, at, at.count - nth)}: ${"message" in chosen ? chosen.message : ""}`;
      const reason = "reason" in chosen ? chosen.reason : "NoRoom";
      return { steps, unplaced: [{ kind: "FunctionGroup", tenant, name, reason, message }] };
    }
    taken.add(index);
    const key = recordKey("shard", tenant, shardName(name, index));
    const record = { ...newShard({ ...at.target, group: at.group }, index, chosen.node), askedAt: at.now };
    at.room.take(key, { ...record, uid: "" });
    const why = `${chosen.node} has the fewest shards of ${name} and the most room`;
    steps.push({ kind: "placeShard", key, record, why });
  }
  return { steps, unplaced: [] };
}

/** What is missing, or what could not be put beside that which it shall replace. */
function lackText(order: GroupOrder, { shards }: Surroundings, lacking: number): string {
  const { replicas } = order.intent.document.spec;
  const staying = shards.filter(({ value }) => !value.leaving).length;
  return staying < replicas
    ? `${lacking} of ${replicas} shards have no place`
    : "a new shard has no place beside those that it shall replace";
}

const noIndex: NoRoom = {
  reason: "NoRoom",
  message: "all its addresses are held by shards that are leaving",
};

function lowestFree(taken: ReadonlySet<number>): number | undefined {
  for (let index = 0; index <= maxShardIndex; index += 1) if (!taken.has(index)) return index;
  return undefined;
}

function chooseNode(order: GroupOrder, { room, target }: Surroundings): { node: string } | NoRoom {
  const { spec } = target.intent.document;
  return room.choose({
    runtime: spec.runtime,
    resources: shardResources(spec.resources),
    isKin: (instance) =>
      instance.kind === "shard" && instance.tenant === order.tenant && instance.group === order.name,
  });
}
