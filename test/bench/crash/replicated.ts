/**
 * The crash bench's stage for `state: replicated`: shards that drop every packet of a connection whose beginning they did not see crash
 * one after the other, holder and function at once, under connections of which some speak and some are silent. Then one more crash of the
 * same group with its state kept by nobody, which shows that a crash costs connections.
 */
import { setTimeout as delay } from "node:timers/promises";
import { MovingWorld } from "../../traffic/moving-world.ts";
import type { Load } from "../../traffic/moving-traffic.ts";

const load: Load = { addresses: 200, tcp: 800, silent: 200, udp: 0, push: 100, everyMs: 500 };
const group = { replicas: 4, runtime: "docker" } as const;
/** Longer than the traffic waits for an answer before it calls a connection broken. */
const stallMs = 11_000;
const betweenMs = 2_000;

export interface ReplicatedCrashes {
  readonly connections: number;
  /** Connections that broke in all crashes together. */
  readonly lost: number;
  /** Of those, connections that were open, in one crash of the group with local state. */
  readonly lostWithout: number;
  /** Shards and nodes that were called dead and were not, in words. */
  readonly falseAlarms: readonly string[];
}

export async function replicatedCrashes(
  rounds: number,
  say: (line: string) => void,
): Promise<ReplicatedCrashes> {
  await using world = await MovingWorld.open(3, { ...group, state: "replicated" });
  await world.start(load);
  for (let round = 1; round <= rounds; round += 1) {
    await world.traffic.window(round);
    await delay(betweenMs);
    const shard = world.ownerOf(round * 7);
    const addresses = world.addressesOf(shard);
    world.alarms.broken(shard);
    await world.crash(shard);
    await world.settled(group.replicas);
    world.alarms.broken();
    await world.traffic.speak();
    const gap = (await world.traffic.summary())["tcp"]?.worstGapMs[round] ?? 0;
    say(
      `replicated: ${shard} crashed with ${addresses} of ${load.addresses} clients: longest wait ${gap} ms`,
    );
  }
  await delay(stallMs);
  const lost = await brokenIn(world);
  say(`replicated: ${lost} of ${load.tcp + load.silent} connections broke in ${rounds} crashes`);
  await world.change({ ...group, state: "local" });
  const busiest = await world.busiest();
  world.alarms.broken(busiest);
  await world.crash(busiest);
  await world.traffic.speak();
  await delay(stallMs);
  const lostWithout = (await brokenIn(world)) - lost;
  say(`local: ${lostWithout} connections broke in one crash`);
  if (lostWithout === 0) throw new Error("a crash of a group with local state broke nothing");
  return { connections: load.tcp + load.silent, lost, lostWithout, falseAlarms: world.alarms.found };
}

async function brokenIn(world: MovingWorld): Promise<number> {
  const sums = await world.traffic.summary();
  return ["tcp", "silent"].reduce((sum, name) => {
    const { broken = 0, notOpened = 0, wrong = 0 } = sums[name] ?? {};
    return sum + broken + notOpened + wrong;
  }, 0);
}
