/**
 * What becomes of a flow at one function group: the slot of its client, and the shard that owns it.
 * Reads the group's placement, its slots and its shards' standing.
 */
import type { GroupPlacement, ShardPlacement, SlotsRecord, TraceAsked } from "@weft/schemas";
import { WeftError, recordKey, slotCount, slotsKey } from "@weft/schemas";
import { shardStanding } from "../status/shard-standing.ts";
import type { StatusWorld } from "../status/world.ts";
import type { FoundEnd } from "./ends.ts";

export interface Flow {
  readonly tenant: string;
  readonly from: FoundEnd;
  readonly to: FoundEnd;
  readonly asked: TraceAsked;
  /** Which end is on the chain's side of the clients, whichever opens the connection. */
  readonly client: "from" | "to";
}

export interface GroupHop {
  readonly group: string;
  readonly slot: number | null;
  /** Undefined: nobody takes it. */
  readonly shard: ShardPlacement | undefined;
  readonly why: string;
}

/** Throws WeftError("invalid-request") where the slot hangs on a port that was not given. */
export function groupHop(group: string, flow: Flow, world: StatusWorld): GroupHop {
  const { tenant } = flow;
  const placed = world.placements.get(recordKey("group", tenant, group))?.value;
  const slots = world.slots.get(slotsKey(tenant, group))?.value;
  if (placed?.kind !== "group" || slots === undefined)
    return { group, slot: null, shard: undefined, why: `${group} has no slots yet` };
  const slot = slotOf(placed, flow);
  const owner = slots.owners[slot] ?? null;
  const entry = owner === null ? undefined : world.placements.get(recordKey("shard", tenant, owner));
  const shard = entry?.value;
  if (entry === undefined || shard?.kind !== "shard")
    return { group, slot, shard: undefined, why: `${group} has no shard for slot ${slot}` };
  const { state } = shardStanding(world, { ...entry, value: shard });
  const standing = state === "ready" ? [] : [`is ${state}`];
  const why = [`owns slot ${slot}`, ...standing, ...movesOf(slots, slot)].join("; ");
  return { group, slot, shard, why };
}

/** The client's address decides by its low 8 bits; its port, where the group goes by connection, by bits 1 to 8. */
function slotOf({ affinity, name }: GroupPlacement, flow: Flow): number {
  const { asked, client } = flow;
  if (affinity === "client" || asked.proto === "icmp")
    return Number(flow[client].at.value % BigInt(slotCount));
  const [port, path] = client === "from" ? [asked.sport, "?sport"] : [asked.dport, "?dport"];
  if (port !== undefined) return (port >> 1) % slotCount;
  throw new WeftError("invalid-request", "The flow is not known well enough.", {
    faults: [{ path, message: `is needed: ${name} spreads connections by the client's port` }],
  });
}

function movesOf({ handoffs }: SlotsRecord, slot: number): string[] {
  return handoffs
    .filter(({ slots, phase, from, to }) => slots.includes(slot) && phase !== "done" && from !== to)
    .map(({ from, to, phase, fromGone }) => {
      if (phase === "drain") return `older flows stay with ${from} while it drains`;
      return fromGone ? `${to} takes over, ${from} failed` : `on its way from ${from} to ${to} (${phase})`;
    });
}
