/**
 * The demonstration itself: one firewall, then four, under traffic that is counted where it passes.
 * Drives Weft as a user would, through DemoWeft; returns a DemonstrationResult. Starts and stops no lab.
 */
import type { ShardRow } from "@weft/schemas";
import type { ShardCounters } from "./counters.ts";
import { countersCommand, readCounters, since } from "./counters.ts";
import type { DemonstrationResult } from "./result.ts";
import type { CommandSession } from "./traffic-fleet.ts";
import { TrafficFleet } from "./traffic-fleet.ts";
import {
  allowedPort,
  clientAddress,
  clientCommand,
  clientName,
  clientSlot,
  clients,
  connectionsPerClient,
  deniedPorts,
  documents,
  group,
  serverAddress,
} from "./world.ts";

/** What the demonstration asks of Weft, all in its own tenant. */
export interface DemoWeft {
  apply(documents: readonly unknown[]): Promise<void>;
  ready(kind: string, name: string): Promise<void>;
  scale(group: string, replicas: number): Promise<void>;
  nodes(): Promise<number>;
  shards(): Promise<readonly ShardRow[]>;
  slotOwners(group: string): Promise<readonly (string | null)[]>;
  run(kind: "shard" | "workload", name: string, command: readonly string[]): Promise<string>;
  session(workload: string, command: readonly string[]): Promise<CommandSession>;
  log(workload: string): Promise<string>;
}

export interface Progress {
  step(text: string): void;
  detail(text: string): void;
}

const openTimeoutMs = 5000;
const echoTimeoutMs = 3000;
const attemptTimeoutMs = 1500;

type Counters = ReadonlyMap<string, ShardCounters>;

export async function demonstrate(
  weft: DemoWeft,
  progress: Progress,
): Promise<Omit<DemonstrationResult, "seconds">> {
  progress.step(`Declaring two networks, ${clients} clients, a server, a firewall and a chain`);
  await weft.apply(documents());
  await readyAll(weft, progress);
  const shardsBefore = (await weft.shards()).length;

  progress.step("Starting a traffic program in every client");
  const traffic = await TrafficFleet.start(clients, (index) =>
    weft.session(clientName(index), clientCommand),
  );
  try {
    await oneShard(weft, traffic, progress);
    progress.step("Scaling the firewall from 1 to 4 shards");
    await weft.scale(group, 4);
    await weft.ready("FunctionGroup", group);
    await weft.ready("Chain", "edge");
    const kept = await traffic.all({ op: "check", timeoutMs: echoTimeoutMs });
    progress.detail(
      `${kept.failed} of ${kept.done + kept.failed} connections opened before the scale are broken`,
    );
    await traffic.all({ op: "close" });
    const spread = await fourShards(weft, traffic, progress);
    const denied = await deniedPortsThroughEach(weft, traffic, progress);
    const shards = await weft.shards();
    return {
      nodes: await weft.nodes(),
      shardsBefore,
      shardsAfter: shards.length,
      ...spread,
      denied,
      brokenByScale: kept.failed,
    };
  } finally {
    await traffic.close();
  }
}

async function readyAll(weft: DemoWeft, progress: Progress): Promise<void> {
  progress.step("Waiting until everything is ready");
  await weft.ready("FunctionGroup", group);
  progress.detail(`function group ${group} is ready`);
  await weft.ready("Chain", "edge");
  progress.detail("chain edge is programmed on every node");
  await Promise.all([
    weft.ready("Workload", "server"),
    ...Array.from({ length: clients }, (_, index) => weft.ready("Workload", clientName(index))),
  ]);
  progress.detail("all workloads are ready");
}

async function oneShard(weft: DemoWeft, traffic: TrafficFleet, progress: Progress): Promise<void> {
  progress.step(`Opening ${connectionsPerClient} connections from each client, through one shard`);
  const before = await countersOf(weft);
  const opened = await openAll(traffic);
  const counted = await countedSince(weft, before);
  for (const [shard, { passed }] of counted) progress.detail(`${shard}: ${passed} connections`);
  if (opened.failed > 0)
    throw new Error(`${opened.failed} of ${opened.done + opened.failed} connections did not open`);
}

async function fourShards(
  weft: DemoWeft,
  traffic: TrafficFleet,
  progress: Progress,
): Promise<Pick<DemonstrationResult, "connections" | "shares" | "wrongShardReplies">> {
  progress.step(`Opening ${connectionsPerClient} connections from each client afresh, through four shards`);
  const before = await countersOf(weft);
  const seenBefore = acceptedFrom(await weft.log("server"));
  const opened = await openAll(traffic);
  const counted = await countedSince(weft, before);
  const seen = acceptedFrom(await weft.log("server")) - seenBefore;
  progress.detail(
    `${opened.done} connections answered, ${opened.failed} did not; the server's own log has ${seen}`,
  );
  if (seen !== opened.done) throw new Error(`the server saw ${seen} connections, the clients ${opened.done}`);
  const shares = Object.fromEntries([...counted].map(([shard, { passed }]) => [shard, passed]));
  const wrongShardReplies = [...counted.values()].reduce((sum, { strayReplies }) => sum + strayReplies, 0);
  return { connections: opened.done, shares, wrongShardReplies };
}

/** Tries every denied port through every shard, from a client whose slot the shard owns. */
async function deniedPortsThroughEach(
  weft: DemoWeft,
  traffic: TrafficFleet,
  progress: Progress,
): Promise<DemonstrationResult["denied"]> {
  progress.step("Trying ports that the firewall denies, through each shard");
  const owners = await weft.slotOwners(group);
  const before = await countersOf(weft);
  const tried = await Promise.all(
    [...before.keys()].map(async (shard) => {
      const client = Array.from({ length: clients }, (_, index) => index).find(
        (index) => owners[clientSlot(index)] === shard,
      );
      if (client === undefined) throw new Error(`no client has a slot of ${shard}`);
      const order = {
        op: "attempt",
        host: serverAddress,
        ports: deniedPorts,
        timeoutMs: attemptTimeoutMs,
      } as const;
      return { shard, ...(await traffic.one(client, order)) };
    }),
  );
  const counted = await countedSince(weft, before);
  const refused = tried.reduce((sum, { shard, done }) => {
    const dropped = counted.get(shard)?.dropped ?? 0;
    progress.detail(
      `${shard}: ${done} of ${deniedPorts.length} refused; it counted ${dropped} packets dropped`,
    );
    return sum + (dropped >= done ? done : 0);
  }, 0);
  return { attempted: tried.length * deniedPorts.length, refused };
}

async function openAll(traffic: TrafficFleet) {
  return traffic.all({
    op: "open",
    host: serverAddress,
    port: allowedPort,
    count: connectionsPerClient,
    timeoutMs: openTimeoutMs,
  });
}

async function countersOf(weft: DemoWeft): Promise<Counters> {
  const shards = await weft.shards();
  const read = shards.map(
    async ({ name }) => [name, readCounters(await weft.run("shard", name, countersCommand))] as const,
  );
  return new Map(await Promise.all(read));
}

async function countedSince(weft: DemoWeft, before: Counters): Promise<Counters> {
  const now = await countersOf(weft);
  return new Map([...now].map(([shard, counters]) => [shard, since(before.get(shard), counters)]));
}

/** How many connections of our clients the server's log names, on the port that is allowed. */
function acceptedFrom(log: string): number {
  const known = new Set(Array.from({ length: clients }, (_, index) => clientAddress(index)));
  return log
    .split("\n")
    .filter((line) => line.startsWith('{"accepted"'))
    .map((line): { accepted: string; port: number } => JSON.parse(line))
    .filter(({ accepted, port }) => port === allowedPort && known.has(accepted)).length;
}
