/**
 * Flows that open from either side, speak and close, and the rule that they hold Weft to: every frame of a flow goes to the shard
 * that has its state, whatever chassis carries it. Frames that meet nobody are lost, as in any crash; they are sent again.
 */
import type { Handoff, WantedShim } from "@weft/decide";
import { shimOf } from "@weft/decide";
import { instantMs, recordKey, slotCount } from "@weft/schemas";
import { drainMs, groupName, nodes, tenant } from "./documents.ts";
import type { Frame, HandOn } from "./steering.ts";
import type { Flow, Instance, World } from "./world.ts";

type Way = "toServer" | "toClient";

export function openFlow(world: World, slots: readonly number[]): void {
  const { random } = world;
  const flow: Flow = {
    key: world.next(),
    slot: random.pick(slots) ?? random.below(slotCount),
    protocol: random.chance(0.5) ? "tcp" : "udp",
    opener: random.chance(0.75) ? "client" : "server",
    clientNode: random.pick(nodes) ?? "",
    serverNode: random.pick(nodes) ?? "",
    owner: undefined,
    had: new Set(),
    closed: false,
  };
  world.flows.push(flow);
  world.slotsOfFlows.set(flow.key, flow.slot);
  speak(world, flow, flow.opener === "client" ? "toServer" : "toClient");
}

export function speak(world: World, flow: Flow, way: Way): void {
  const opening = flow.owner === undefined;
  const openers: Way = flow.opener === "client" ? "toServer" : "toClient";
  if (opening && way !== openers) return; // nobody answers what has not come
  const node = way === "toServer" ? flow.clientNode : flow.serverNode;
  const chassis = world.chassis.find((each) => each.node === node);
  if (chassis === undefined || chassis.suspect) return;
  const { northbound } = world;
  const address = northbound.policiesAt(chassis.applied)[way][flow.slot] ?? null;
  const target = address === null ? undefined : world.instanceAt(address);
  // Policies that have not followed a failure: what they send to that shard is as lost as in any crash.
  if (target !== undefined && hasNoPart(world, target, flow.slot)) return;
  const kind = flow.protocol === "udp" ? "datagram" : opening ? "syn" : "segment";
  const frame = { flow: flow.key, slot: flow.slot, kind } as const;
  const at = target === undefined ? undefined : pass(world, target, { frame, flow });
  if (at === undefined || at === "lost") {
    if (address !== null && target === undefined && !wasKilled(world, address))
      world.broken(`${node} sends slot ${flow.slot} to ${address}, where a shard has left`);
    return;
  }
  arrive(world, flow, { at, by: target ?? at });
}

/** A late segment of a flow that nobody has any more: it may come to whomever, but never from one peer to the next. */
export function sendStray(world: World, slots: readonly number[]): void {
  const { random } = world;
  const chassis = random.pick(world.chassis);
  const slot = random.pick(slots) ?? 0;
  if (chassis === undefined) return;
  const way = random.chance(0.5) ? "toServer" : "toClient";
  const address = world.northbound.policiesAt(chassis.applied)[way][slot] ?? null;
  const target = address === null ? undefined : world.instanceAt(address);
  if (target !== undefined) pass(world, target, { frame: { flow: world.next(), slot, kind: "segment" } });
}

interface Sent {
  readonly frame: Frame;
  /** None of a stray. */
  readonly flow?: Flow;
}

/** One hop from shard to shard at most. */
function pass(world: World, target: Instance, { frame, flow }: Sent): Instance | "lost" {
  let at = target;
  for (let hops = 0; hops < 3; hops += 1) {
    const verdict = at.steering.steer(frame, hops > 0);
    if (verdict.kind === "dropped") return "lost";
    if (verdict.kind === "local") return at;
    if (hops > 0)
      world.broken(`${at.placement.name} hands on flow ${frame.flow}, which a peer has handed on to it`);
    const peer = world.instanceAt(verdict.mac);
    if (peer === undefined || isOutdated(world, { at, verdict, frame })) return "lost";
    if (verdict.by === "owner" && wasOfEarlier(peer, flow)) return "lost";
    at = peer;
  }
  return at;
}

/**
 * The entry is of a namespace that was killed, in whose place the peer is: nobody noticed yet that it failed, so the entry stays until
 * the new one has said that it knows no flow.
 */
function wasOfEarlier(peer: Instance, flow: Flow | undefined): boolean {
  if (flow === undefined || flow.owner !== undefined || flow.had.has(peer)) return false;
  return [...flow.had].some(({ placement }) => placement.uid === peer.placement.uid);
}

/** The peer failed once, and its set would not say so by the record of now: whoever hands on has not followed yet. */
function isOutdated(
  world: World,
  {
    at,
    verdict: { by, mac },
    frame: { slot },
  }: { readonly at: Instance; readonly verdict: HandOn; readonly frame: Frame },
): boolean {
  const peer = world.instanceAt(mac);
  if (peer === undefined || !world.failed.has(peer.placement.name)) return false;
  const wanted = wantedNow(world, at);
  if (wanted === undefined) return false;
  if (by !== "owner") return wanted[by].get(slot)?.in !== mac;
  return !wanted.lists.some((list) => list.in === mac && list.slots.includes(slot));
}

/** Asked for each frame that is handed on, so kept for as long as the records stay. */
const lastWanted = new WeakMap<
  Instance,
  { readonly placements: number; readonly slots: number; readonly wanted: WantedShim }
>();

function wantedNow(world: World, at: Instance): WantedShim | undefined {
  const { placements, slots } = world;
  const known = lastWanted.get(at);
  if (known?.placements === placements.version && known.slots === slots.version) return known.wanted;
  const group = placements.get(recordKey("group", tenant, groupName));
  if (group?.kind !== "group") return undefined;
  const shards = new Map(world.shards().map((shard) => [shard.name, shard]));
  const wanted = shimOf({ shard: at.placement, group, shards, slots: world.record });
  lastWanted.set(at, { placements: placements.version, slots: slots.version, wanted });
  return wanted;
}

/**
 * It failed and lost the slot, and whoever sends there does not know yet. That it was to forget the slot's flows says so, whatever it had
 * received of that slot before: those handoffs stand for their givers' flows.
 */
function hasNoPart(world: World, { placement: { name } }: Instance, slot: number): boolean {
  const { record } = world;
  if (record === undefined || !world.failed.has(name) || record.owners[slot] === name) return false;
  const own = record.handoffs.filter(({ slots }) => slots.includes(slot));
  if (own.some(({ from, fromGone }) => from === name && fromGone)) return true;
  return !own.some(({ from, to }) => from === name || to === name);
}

/** `by`: to whom the chassis sent it; it may have been handed on. */
function arrive(
  world: World,
  flow: Flow,
  { at, by }: { readonly at: Instance; readonly by: Instance },
): void {
  const { name } = at.placement;
  const { key, slot, protocol } = flow;
  // Forwarding is turned on last, and the shim remembers the flow already.
  if (!at.guarded || world.isGivenUp(at) || world.record?.owners[slot] === null) {
    if (flow.owner === undefined && at.steering.knows(key)) flow.had.add(at);
    return;
  }
  if (flow.owner === undefined) {
    if (!at.steering.knows(key)) world.broken(`${name} takes ${protocol} flow ${key} and does not note it`);
    // One that was called failed and was well knows the flow yet, and so does one that remembered it before it forwarded.
    if (!flow.had.has(at) && !mayTake(world, name, slot))
      world.broken(`${name} takes flow ${key} of slot ${slot}, which it drains`);
    flow.owner = at;
    world.note(`flow ${key} (${protocol}, slot ${slot}) opens at ${name}`);
  } else if (flow.owner !== at && !isLosing(world, by, slot))
    world.broken(
      `a frame of ${protocol} flow ${key} (slot ${slot}) of ${flow.owner.placement.name} comes to ${name}`,
    );
}

/** It failed and the slot is on its way to another: the chassis has not followed that, and what it steers by is what it was told before. */
function isLosing({ record, failed }: World, { placement: { name } }: Instance, slot: number): boolean {
  if (record === undefined || !failed.has(name)) return false;
  return record.handoffs.some(
    ({ from, fromGone, slots }) => from === name && fromGone && slots.includes(slot),
  );
}

function mayTake({ record }: World, shard: string, slot: number): boolean {
  if (record === undefined) return true;
  return (
    record.owners[slot] === shard ||
    record.handoffs.some(
      ({ from, to, phase, slots }) =>
        phase !== "drain" && phase !== "done" && slots.includes(slot) && (from === shard || to === shard),
    )
  );
}

/** A placement is there and nothing runs of it: a crash, not a shard that left. */
function wasKilled(world: World, address: string): boolean {
  return world
    .shards()
    .some(({ interfaces }) => interfaces.some(({ addresses }) => addresses[0]?.startsWith(`${address}/`)));
}

export function closeFlow(flow: Flow): void {
  flow.closed = true;
  flow.owner?.steering.forget(flow.key);
}

/** A shard was given up: nothing is promised of its flows, and whoever speaks in them opens them anew. */
export function giveUpFlowsOf(world: World, instance: Instance | undefined): void {
  if (instance === undefined) return;
  for (const flow of world.flows) {
    if (flow.owner !== instance) continue;
    flow.had.add(instance);
    flow.owner = undefined;
  }
}

/** What a deadline cuts is over: told, and only when the time was up. That a shard is taken back after its time does not turn back what ended. */
export function cutFlows(world: World, { id, from: name, slots }: Handoff): void {
  const instance = world.instanceNamed(name);
  const { leaving, leavingSince } = instance?.placement ?? {};
  const placed = world.shards().find((shard) => shard.name === name);
  const since = placed?.leavingSince ?? leavingSince;
  const inTime = since === undefined || world.nowMs < instantMs(since) + drainMs;
  for (const flow of world.flows) {
    if (flow.owner === undefined || flow.owner !== instance || flow.closed || !slots.includes(flow.slot))
      continue;
    if (!world.overdue.has(id) && (inTime || !(placed?.leaving ?? leaving)))
      world.broken(`flow ${flow.key} of ${name} is cut before its time`);
    flow.closed = true;
  }
}
