/**
 * One loss of a whole node that has the probing client's shard: every process on it stands still and its link is down. Says for how
 * long nothing passed, lets the node come back before or after its shards were placed anew, and says what it brought along
 * that it must not have. Begins and ends with a whole group.
 */
import { nodeHealthKey, slotsKey } from "@weft/schemas";
import type { SlotsRecord } from "@weft/schemas";
import { prepareFreeze } from "./damage.ts";
import { group, tenant } from "./documents.ts";
import type { FailureLab } from "./failure-lab.ts";
import { knownTwice } from "./known-flows.ts";
import type { Outage } from "./outage.ts";

/** Beside that of probes that its caller may have. */
const ports = { near: 7001, far: 7002 };

export interface Victim {
  readonly node: string;
  /** Its slot is owned by a shard of that node. */
  readonly client: string;
}

export interface HostLoss extends Outage {
  /** Flows that two shards say are theirs, once all is whole again. */
  readonly knownTwice: readonly string[];
  /** It came back after its shards were placed anew. */
  readonly late: boolean;
  /** Nobody had a tunnel to it when it came back. */
  readonly fenced: boolean;
  /** Shards that got a slot again though another one has their place. */
  readonly inServiceAgain: readonly string[];
  /** For how long nothing passed of a client on the node itself, from when it came back; undefined where there is none. */
  readonly farMs: number | undefined;
}

/** Any node but the one with the ends. */
export function victimOf(lab: FailureLab, clients: number): Victim {
  for (let at = 1; at <= clients; at += 1) {
    const client = `client-${at}`;
    const node = lab.nodeOf(lab.ownerOf(client));
    if (node !== "node-1") return { node, client };
  }
  throw new Error("no client's slot is owned on another node");
}

/** `late`: it comes back once its shards have been placed anew; else as soon as packets pass again. */
export async function loseHost(
  lab: FailureLab,
  { node, client }: Victim,
  { late }: { readonly late: boolean },
): Promise<HostLoss> {
  await lab.whole();
  await using probes = await lab.probes(client, ports.near);
  await using far = lab.isThere(`far-${node}`) ? await lab.probes(`far-${node}`, ports.far) : undefined;
  await probes.settled();
  await far?.settled();
  const shard = lab.ownerOf(client);
  const gone = lab.shardsOn(node);
  const freeze = await prepareFreeze(node);
  lab.alarms.broken(node, ...gone.map(({ name }) => name));
  lab.stages.begin(shard);
  probes.window();
  const atMs = Date.now();
  const frozen = await freeze();
  await lab.until(`${shard} has no slots`, () => lab.ownerOf(client) !== shard);
  const report = await probes.settled();
  const stages = lab.stages.since(atMs);
  if (late) await lab.until("its shards are placed anew", () => lab.isWhole());
  const fenced = !(await lab.chassis()).includes(node);
  using again = watchService(lab, late ? gone.map(({ name }) => name) : []);
  far?.newFlow();
  far?.window();
  await frozen.thaw();
  await comesBack(lab, { node, gone: late ? gone : [] });
  const farMs = (await far?.settled())?.longestMs;
  await probes.settled();
  lab.alarms.broken();
  const twice = await knownTwice(lab);
  return { ...report, shard, late, stages, knownTwice: twice, fenced, inServiceAgain: again.found(), farMs };
}

/** Resolves once it is ready, what has a successor is gone, and the group is whole. */
async function comesBack(
  lab: FailureLab,
  { node, gone }: { readonly node: string; readonly gone: readonly { readonly uid: string }[] },
): Promise<void> {
  const uids = new Set(gone.map(({ uid }) => uid));
  await lab.until(`${node} is back`, () => isBack(lab, node) && !lab.hasAny(uids));
  await lab.whole();
}

function isBack({ views }: FailureLab, node: string): boolean {
  const verdict = views.health.get(nodeHealthKey(node))?.value;
  return verdict?.state === "ready";
}

/** Flows that a giver drains say nothing of who has the slots now. */
function isInFlight({ phase }: SlotsRecord["handoffs"][number]): boolean {
  return phase !== "drain" && phase !== "done";
}

/** Which of these get a slot, or are about to, from now on. */
function watchService(
  { views }: FailureLab,
  shards: readonly string[],
): Disposable & { readonly found: () => string[] } {
  const found = new Set<string>();
  const unsubscribe = views.slots.changed.subscribe(() => {
    const { owners = [], handoffs = [] } = views.slots.get(slotsKey(tenant, group))?.value ?? {};
    for (const shard of shards)
      if (owners.includes(shard) || handoffs.some((one) => one.to === shard && isInFlight(one)))
        found.add(shard);
  });
  return { found: () => [...found], [Symbol.dispose]: unsubscribe };
}
