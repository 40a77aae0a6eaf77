/**
 * Function groups: their subnets, then as many shards as asked for, spread over the nodes.
 * A change that fails is noted in the group's placement, and the shards go back to what was ready before.
 */
import type { FunctionGroup, GroupPlacement, IntentRecord, ShardPlacement } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import { isSameJson } from "../admit/canonical.ts";
import { groupSubnets, maxGroups } from "./addressing.ts";
import type { Decided } from "./decide-workloads.ts";
import type { Room } from "./room.ts";
import type { Found, ScheduleSeen } from "./seen.ts";
import { sortedByKey } from "./seen.ts";
import { decideShards } from "./decide-shards.ts";
import type { NodeWishes } from "./node-policies.ts";
import { nodeWishes } from "./node-policies.ts";
import { rolloutOf, targetOf } from "./rollout.ts";
import { shardSights } from "./shard-sight.ts";
import type { ScheduleStep, Unplaced } from "./step.ts";

/** A group that is wanted, with all that its placing is decided from. */
export interface GroupOrder {
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
  readonly intent: IntentRecord & { readonly document: FunctionGroup };
  readonly revision: number;
  readonly networks: ShardPlacement["networks"];
  /** The largest packet that any network of the tenant sends. */
  readonly mtu: number;
}

/** The time, and who has been lost for too long by then. */
type Moment = Pick<At, "now" | "givenUp">;

export function decideGroups(seen: ScheduleSeen, room: Room, moment: Moment): Decided {
  const steps: ScheduleStep[] = [];
  const unplaced: Unplaced[] = [];
  const orders = groupOrders(seen);
  const indices = freeIndices(seen);
  const wishesOf = nodeWishes(seen.intents);
  for (const order of orders.values()) {
    const decided = decideGroup(order, { seen, room, indices, wishesOf, ...moment });
    steps.push(...decided.steps);
    unplaced.push(...decided.unplaced);
  }
  return {
    steps: [...steps, ...leaveUnwanted(seen, orders, moment.now), ...forgetEmpty(seen, orders)],
    unplaced,
  };
}

/** A group's placement, if the key holds one. */
export function groupPlacementAt(seen: ScheduleSeen, key: string): Found<GroupPlacement> | undefined {
  const found = seen.placements.get(key);
  return found?.value.kind === "group" ? { value: found.value, revision: found.revision } : undefined;
}

interface At {
  readonly seen: ScheduleSeen;
  readonly room: Room;
  readonly now: string;
  readonly indices: Iterator<number>;
  readonly wishesOf: (node: string) => NodeWishes;
  readonly givenUp: (node: string) => boolean;
}

function decideGroup(order: GroupOrder, at: At): Decided {
  const current = groupPlacementAt(at.seen, order.key);
  const unplaced = (reason: string, message: string): Decided => {
    const { tenant, name } = order;
    return { steps: [], unplaced: [{ kind: "FunctionGroup", tenant, name, reason, message }] };
  };
  if (current !== undefined) {
    if (current.value.intentUid === order.intent.uid) return changeGroup(order, current, at);
    return unplaced("OldLeaving", "shards of an earlier group of this name are still leaving");
  }
  const index = at.indices.next();
  if (index.done === true) return unplaced("NoSubnetLeft", `there are ${maxGroups} function groups already`);
  const record = newGroup(order, index.value);
  const why = `the lowest free pair of subnets is number ${index.value}`;
  const shards = decideShards(order, { ...at, group: record, shards: [], target: order });
  return {
    steps: [{ kind: "placeGroup", key: order.key, record, why }, ...shards.steps],
    unplaced: shards.unplaced,
  };
}

function changeGroup(order: GroupOrder, current: Found<GroupPlacement>, at: At): Decided {
  const { rollout: before, state: _, ...group } = current.value;
  const shards = shardSights(order, at.seen);
  const staying = shards.filter(({ value }) => !value.leaving && value.intentUid === order.intent.uid);
  const rollout = rolloutOf(order, { before, staying, now: at.now });
  const wanted: GroupPlacement = {
    ...group,
    affinity: order.intent.document.spec.affinity,
    mtu: Math.max(order.mtu, group.mtu),
    ...stateOf(order),
    ...(rollout === undefined ? {} : { rollout }),
  };
  const decided = decideShards(order, { ...at, group: wanted, shards, target: targetOf(order, rollout) });
  if (isSameJson(wanted, current.value)) return decided;
  const change: ScheduleStep = {
    kind: "changePlacement",
    key: order.key,
    record: wanted,
    ifRevision: current.revision,
    why: whyChanged(wanted, current.value),
  };
  return { steps: [change, ...decided.steps], unplaced: decided.unplaced };
}

function whyChanged(wanted: GroupPlacement, current: GroupPlacement): string {
  const { proven, rolledBack } = wanted.rollout ?? {};
  if (wanted.mtu !== current.mtu) return `a network has MTU ${wanted.mtu} now`;
  if (wanted.state !== current.state) return `its state is now ${wanted.state ?? "local"}`;
  if (wanted.affinity !== current.affinity) return `affinity is now ${wanted.affinity}`;
  if (rolledBack !== undefined && current.rollout?.rolledBack?.generation !== rolledBack.generation)
    return `${rolledBack.message}: it goes back to generation ${proven?.generation}`;
  return proven === undefined || proven.generation === current.rollout?.proven?.generation
    ? "another generation is wanted than the one that failed"
    : `all shards are ready with generation ${proven.generation}`;
}

function newGroup(order: GroupOrder, index: number): GroupPlacement {
  const { tenant, name, intent, mtu } = order;
  return {
    kind: "group",
    tenant,
    name,
    intentUid: intent.uid,
    index,
    affinity: intent.document.spec.affinity,
    ...groupSubnets(index),
    mtu,
    ...stateOf(order),
  };
}

function stateOf({ intent }: GroupOrder): Pick<GroupPlacement, "state"> {
  const { state } = intent.document.spec;
  return state === "local" ? {} : { state };
}

const defaultMtu = 1400;

function groupOrders(seen: ScheduleSeen): Map<string, GroupOrder> {
  const orders = new Map<string, GroupOrder>();
  const networks = networksByTenant(seen);
  for (const [, { value, revision }] of sortedByKey(seen.intents)) {
    const { document } = value;
    if (document.kind !== "FunctionGroup") continue;
    const { tenant = "", name } = document.metadata;
    const own = networks.get(tenant);
    const key = recordKey("group", tenant, name);
    orders.set(key, {
      key,
      tenant,
      name,
      intent: { ...value, document },
      revision,
      networks: own?.subnets ?? {},
      mtu: own?.mtu ?? defaultMtu,
    });
  }
  return orders;
}

function networksByTenant(seen: ScheduleSeen) {
  const tenants = new Map<string, { subnets: Record<string, string[]>; mtu: number }>();
  for (const [, { value }] of sortedByKey(seen.intents)) {
    const { document } = value;
    if (document.kind !== "Network") continue;
    const { tenant = "", name } = document.metadata;
    const before = tenants.get(tenant);
    const { subnets, mtu } = document.spec;
    tenants.set(tenant, {
      subnets: { ...before?.subnets, [name]: subnets },
      mtu: Math.max(before?.mtu ?? 0, mtu),
    });
  }
  return tenants;
}

/** Pairs of subnets that no group has, also none that is going; lowest first, each once a round. */
function* freeIndices(seen: ScheduleSeen): Generator<number, undefined> {
  const taken = new Set(
    [...seen.placements.values()].flatMap(({ value }) => (value.kind === "group" ? [value.index] : [])),
  );
  for (let index = 0; index < maxGroups; index += 1) if (!taken.has(index)) yield index;
}

function leaveUnwanted(
  seen: ScheduleSeen,
  orders: ReadonlyMap<string, GroupOrder>,
  now: string,
): ScheduleStep[] {
  return sortedByKey(seen.placements).flatMap(([key, { value, revision }]): ScheduleStep[] => {
    if (value.kind !== "shard" || value.leaving) return [];
    const order = orders.get(recordKey("group", value.tenant, value.group));
    if (order?.intent.uid === value.intentUid) return [];
    const why = order === undefined ? "its group was deleted" : "its group was deleted and given anew";
    return [
      {
        kind: "leave",
        key,
        record: { ...value, leaving: true, leavingSince: now },
        ifRevision: revision,
        why,
      },
    ];
  });
}

/** A group's subnets are free once its document is gone and no shard has an address in them. */
function forgetEmpty(seen: ScheduleSeen, orders: ReadonlyMap<string, GroupOrder>): ScheduleStep[] {
  const inUse = new Set(
    [...seen.placements.values()].flatMap(({ value }) =>
      value.kind === "shard" ? [recordKey("group", value.tenant, value.group)] : [],
    ),
  );
  return sortedByKey(seen.placements).flatMap(([key, { value, revision }]): ScheduleStep[] => {
    if (value.kind !== "group" || inUse.has(key)) return [];
    if (orders.get(key)?.intent.uid === value.intentUid) return [];
    return [{ kind: "forget", key, ifRevision: revision, why: "its document is gone and no shard is left" }];
  });
}
