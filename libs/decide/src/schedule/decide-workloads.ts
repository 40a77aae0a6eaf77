/**
 * Workloads: one placement each. A changed one leaves first and is placed anew under its name once the old one is gone;
 * a change that makes no difference to what runs is only noted.
 */
import type { WorkloadPlacement } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import { isNodeRemoved } from "../access/removed-nodes.ts";
import { isSameJson } from "../admit/canonical.ts";
import type { NodeWishes } from "./node-policies.ts";
import { nodeWishes } from "./node-policies.ts";
import type { Request, Room } from "./room.ts";
import type { Found, ScheduleSeen } from "./seen.ts";
import { sortedByKey } from "./seen.ts";
import type { ScheduleStep, Unplaced } from "./step.ts";
import type { Addresses } from "./workload-addresses.ts";
import { addressesOf, bare } from "./workload-addresses.ts";
import type { WorkloadOrder } from "./workload-placement.ts";
import { newWorkload, wiringOf } from "./workload-placement.ts";

export interface Decided {
  readonly steps: readonly ScheduleStep[];
  readonly unplaced: readonly Unplaced[];
}

export function decideWorkloads(seen: ScheduleSeen, room: Room): Decided {
  const steps: ScheduleStep[] = [];
  const unplaced: Unplaced[] = [];
  const orders = workloadOrders(seen);
  const addresses = addressesOf(seen);
  const wishesOf = nodeWishes(seen.intents);
  keepRoom(orders, { seen, room, wishesOf });
  for (const [key, order] of orders) {
    const current = seen.placements.get(key);
    if (current === undefined) {
      const placed = place(key, order, { seen, room, addresses });
      if ("kind" in placed) steps.push(placed);
      else unplaced.push({ kind: "Workload", tenant: order.tenant, name: order.name, ...placed });
    } else if (current.value.kind === "workload" && current.value.leaving) {
      const message = `its old instance on ${current.value.node} is still leaving`;
      unplaced.push({
        kind: "Workload",
        tenant: order.tenant,
        name: order.name,
        reason: "OldLeaving",
        message,
      });
    } else if (current.value.kind === "workload") {
      const { value, revision } = current;
      const reviewed = review(key, order, { seen, addresses, current: { value, revision } });
      const move =
        reviewed.length > 0 ? [] : moveAway(key, order, { room, wishesOf, current: { value, revision } });
      steps.push(...reviewed, ...move.filter((one) => "key" in one));
      unplaced.push(...move.filter((one) => "reason" in one));
    }
  }
  return { steps: [...steps, ...leaveUnwanted(seen, orders)], unplaced };
}

/** By placement key, in the order of the keys, so that the order of the records makes no difference. */
function workloadOrders(seen: ScheduleSeen): Map<string, WorkloadOrder> {
  const orders = new Map<string, WorkloadOrder>();
  for (const [, { value, revision }] of sortedByKey(seen.intents)) {
    const { document } = value;
    if (document.kind !== "Workload") continue;
    const { tenant = "", name } = document.metadata;
    orders.set(recordKey("workload", tenant, name), {
      intent: { ...value, document },
      revision,
      tenant,
      name,
    });
  }
  return orders;
}

type NoPlace = { readonly reason: string; readonly message: string };

function place(
  key: string,
  order: WorkloadOrder,
  at: { readonly seen: ScheduleSeen; readonly room: Room; readonly addresses: Addresses },
): ScheduleStep | NoPlace {
  const { spec } = order.intent.document;
  const wiring = wiringOf(order, at.seen, { addresses: at.addresses, current: undefined });
  if ("reason" in wiring) return wiring;
  const chosen = at.room.choose(requestOf(order, newWorkload(order, wiring, "").resources));
  if ("reason" in chosen) return chosen;
  const record = newWorkload(order, wiring, chosen.node);
  at.room.take(key, { ...record, uid: "" });
  for (const { segment, addresses } of record.interfaces)
    for (const address of addresses)
      at.addresses.take({ tenant: order.tenant, network: segment.name }, bare(address), order.name);
  const why =
    spec.node === undefined ? `${chosen.node} has the most room` : `its document names ${chosen.node}`;
  return { kind: "placeWorkload", key, record, why };
}

/** Nothing while it says what is wanted; a note of the generation; or leave. */
function review(
  key: string,
  order: WorkloadOrder,
  at: {
    readonly seen: ScheduleSeen;
    readonly addresses: Addresses;
    readonly current: Found<WorkloadPlacement>;
  },
): ScheduleStep[] {
  const { value: current, revision: ifRevision } = at.current;
  const leave = (why: string): ScheduleStep[] => [
    { kind: "leave", key, record: { ...current, leaving: true }, ifRevision, why },
  ];
  if (current.intentUid !== order.intent.uid) return leave("its document was deleted and given anew");
  if (isNodeRemoved(current.node, at.seen.access)) return leave(`its node ${current.node} was removed`);
  const { spec } = order.intent.document;
  if (spec.node !== undefined && spec.node !== current.node) return leave(`it must move to ${spec.node}`);
  const wiring = wiringOf(order, at.seen, { addresses: at.addresses, current });
  if ("reason" in wiring)
    // Two may have exchanged addresses: one must let go. A network that is gone or full leaves what runs as it is.
    return wiring.reason === "AddressInUse" ? leave("it was given another address") : [];
  const wanted = newWorkload(order, wiring, current.node);
  const difference = differenceOf(current, wanted);
  if (difference !== undefined) return leave(`its ${difference} changed`);
  if (current.generation === wanted.generation) return [];
  const { generation, intentRevision } = wanted;
  const record = { ...current, generation, intentRevision };
  return [
    { kind: "changePlacement", key, record, ifRevision, why: `generation ${generation} asks nothing else` },
  ];
}

/** For those that left a drained node and are not gone yet: the room that they left for is not given to others meanwhile. */
function keepRoom(
  orders: ReadonlyMap<string, WorkloadOrder>,
  at: {
    readonly seen: ScheduleSeen;
    readonly room: Room;
    readonly wishesOf: (node: string) => NodeWishes;
  },
): void {
  for (const [key, order] of orders) {
    const current = at.seen.placements.get(key)?.value;
    if (current?.kind !== "workload" || !current.leaving || !at.wishesOf(current.node).drain) continue;
    const chosen = at.room.choose(requestOf(order, current.resources));
    if ("node" in chosen) at.room.take(`${key} elsewhere`, { ...current, node: chosen.node });
  }
}

/** Off a node that is drained, where another can take it; else why it stays. */
function moveAway(
  key: string,
  order: WorkloadOrder,
  at: {
    readonly room: Room;
    readonly wishesOf: (node: string) => NodeWishes;
    readonly current: Found<WorkloadPlacement>;
  },
): (ScheduleStep | Unplaced)[] {
  const { value: current, revision: ifRevision } = at.current;
  if (!at.wishesOf(current.node).drain) return [];
  const { tenant, name } = order;
  const stays = { kind: "Workload", tenant, name } as const;
  if (order.intent.document.spec.node === current.node)
    return [{ ...stays, reason: "Pinned", message: `its document names ${current.node}` }];
  const chosen = at.room.choose(requestOf(order, current.resources));
  if ("reason" in chosen) return [{ ...stays, ...chosen }];
  at.room.take(`${key} elsewhere`, { ...current, node: chosen.node });
  const why = `its node ${current.node} is drained, and ${chosen.node} has room`;
  return [{ kind: "leave", key, record: { ...current, leaving: true }, ifRevision, why }];
}

function requestOf({ tenant, intent }: WorkloadOrder, resources: WorkloadPlacement["resources"]): Request {
  const { runtime, node } = intent.document.spec;
  const isKin: Request["isKin"] = (instance) => instance.kind === "workload" && instance.tenant === tenant;
  return { runtime, resources, node, isKin };
}

const essentials = ["runtime", "image", "command", "resources", "interfaces", "routes"] as const;

function differenceOf(
  current: WorkloadPlacement,
  wanted: Omit<WorkloadPlacement, "uid">,
): string | undefined {
  return essentials.find((field) => !isSameJson(current[field], wanted[field]));
}

function leaveUnwanted(seen: ScheduleSeen, orders: ReadonlyMap<string, WorkloadOrder>): ScheduleStep[] {
  return sortedByKey(seen.placements).flatMap(([key, { value, revision }]): ScheduleStep[] => {
    if (value.kind !== "workload" || value.leaving || orders.has(key)) return [];
    const why = "its document was deleted";
    return [{ kind: "leave", key, record: { ...value, leaving: true }, ifRevision: revision, why }];
  });
}
