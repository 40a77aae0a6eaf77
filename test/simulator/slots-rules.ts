/** What no slots record may say, whoever wrote it from whatever views; and which flows it cuts. */
import type { SlotsRecord } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import { tenant } from "./documents.ts";
import { cutFlows, giveUpFlowsOf } from "./traffic.ts";
import type { World } from "./world.ts";

/** Called for every record that was written. */
export function observeSlots(world: World, before: SlotsRecord | undefined, record: SlotsRecord): void {
  checkHandoffs(world, record);
  const had = holders(before);
  for (const name of holders(record)) if (!had.has(name)) checkReady(world, name);
  const known = new Map(before?.handoffs.map((handoff) => [handoff.id, handoff]));
  before?.owners.forEach((owner, slot) => {
    if (owner === null || record.owners[slot] !== null) return;
    world.failed.add(owner);
    giveUpFlowsOf(world, world.instanceNamed(owner));
  });
  for (const handoff of record.handoffs) {
    const { id, from, fromGone, phase } = handoff;
    const earlier = known.get(id);
    if (phase === "done" && !fromGone && earlier?.phase === "drain") cutFlows(world, handoff);
    // A verdict that was late or wrong: what was decided from it stands.
    if (!fromGone || earlier?.fromGone === true) continue;
    world.failed.add(from);
    giveUpFlowsOf(world, world.instanceNamed(from));
  }
}

/** Owners, and receivers that are not done. */
function holders(record: SlotsRecord | undefined): Set<string> {
  const names = record?.owners.filter((owner) => owner !== null) ?? [];
  const receivers = record?.handoffs.filter(({ phase }) => phase !== "drain" && phase !== "done") ?? [];
  return new Set([...names, ...receivers.map(({ to }) => to)]);
}

/** No slot goes to a shard before it is configured and probed, and its shim is there. */
function checkReady(world: World, name: string): void {
  const placement = world.shards().find((shard) => shard.name === name);
  const instance = placement === undefined ? undefined : world.instances.get(placement.uid);
  const verdict = world.health.get(recordKey("shard", tenant, name));
  // One that was killed a moment ago is found out about, and its slots are given on; whether it is back by then makes no difference.
  if (placement === undefined || instance === undefined || instance.isRemade) return;
  if (!instance.guarded) world.broken(`${name} gets slots, and nothing steers its frames`);
  if (verdict?.kind !== "shard" || verdict.placementUid !== placement.uid)
    world.broken(`${name} gets slots, and no probe has passed through it`);
}

function checkHandoffs(world: World, { handoffs, owners }: SlotsRecord): void {
  const inFlight = new Set<number>();
  const ids = new Set<number>();
  for (const { id, phase, slots, from, fromGone, to } of handoffs) {
    if (ids.has(id)) world.broken(`two handoffs have the id ${id}`);
    ids.add(id);
    if (phase === "done" || (phase === "drain" && fromGone)) continue;
    if (from === to) world.broken(`handoff ${id} is from ${from} to itself`);
    if (phase === "drain") continue;
    for (const slot of slots) {
      if (inFlight.has(slot)) world.broken(`slot ${slot} is in flight twice`);
      inFlight.add(slot);
      if (owners[slot] !== from)
        world.broken(`slot ${slot} is given by ${from} and owned by ${owners[slot]}`);
    }
  }
}
