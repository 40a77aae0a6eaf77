/**
 * What the benches under moving traffic share: the load, its bounds, a run of changes followed by an equally long stretch in which
 * nothing changes, and the same change without a handoff. Windows of the traffic: 1 is the changes, 2 the control.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { GroupOptions } from "../../traffic/moving-documents.ts";
import type { Load } from "../../traffic/moving-traffic.ts";
import { MovingWorld } from "../../traffic/moving-world.ts";
import type { Summary } from "../../traffic/summary.ts";
import type { Bound, Figure } from "../harness/bench.ts";
import { count } from "../harness/measure.ts";

export const load: Load = { addresses: 200, tcp: 2_000, silent: 200, udp: 200, push: 200, everyMs: 1_000 };
export const pauseMs = 5_000;
/** From their last word until the silent ones speak again. */
const silenceMs = 60_000;
/** Longer than the traffic waits for an answer, 10 s, before it calls a connection broken. */
const stallMs = 15_000;
export const nodes = 3;
export const runtime = "docker";

export const facts = {
  connections: load.tcp + load.silent,
  "flows of datagrams": load.udp + load.push,
  runtime,
  nodes,
};

/** Of connections: what datagrams may lose is each bench's to say. */
export const bounds: readonly Bound[] = [
  { figure: "connections broken", plus: 0, by: "worst" },
  { figure: "bytes or numbers wrong", plus: 0, by: "worst" },
  { figure: "connections not opened", plus: 0, by: "worst" },
  { figure: "flows seen by two shards", plus: 0, by: "worst" },
  { figure: "share not moved", plus: 0.5, by: "worst" },
  { figure: "false alarms", plus: 0, by: "worst" },
  { figure: "short of 100 broken without a handoff", plus: 0, by: "worst" },
];

/** Of each kind of flow. */
const mostTold = 20;

type Say = (line: string) => void;

/** `changes` are made with the whole load on; what it saw of them comes back. */
export async function underLoad(
  group: GroupOptions,
  say: Say,
  changes: (world: MovingWorld) => Promise<void>,
): Promise<Record<string, Figure>> {
  await using world = await MovingWorld.open(nodes, group);
  await world.start(load);
  const openedAt = Date.now();
  await delay(pauseMs);
  await world.traffic.window(1);
  const startedAt = Date.now();
  await changes(world);
  const tookMs = Date.now() - startedAt;
  const { twice, compared } = await world.seenTwice();
  await delay(Math.max(0, openedAt + silenceMs - Date.now()));
  await world.traffic.window(2);
  say("nothing changes for as long");
  await delay(tookMs);
  await world.traffic.window(3);
  await world.traffic.speak();
  await world.traffic.quiet();
  await delay(pauseMs);
  for (const alarm of world.alarms.found) say(`false alarm: ${alarm}`);
  const sums = await world.traffic.summary();
  for (const line of breakagesOf(sums)) say(line);
  return {
    ...figuresOf(sums),
    "flows seen by two shards": count(twice.length),
    "connections compared": count(compared.tcp),
    "flows of datagrams compared": count(compared.udp),
    "share moved": { unit: "ratio", runs: [world.movedShare()] },
    "share not moved": { unit: "ratio", runs: [1 - world.movedShare()] },
    "false alarms": count(world.alarms.found.length),
  };
}

/** The same group and load, with one change that keeps nothing. */
export async function withoutHandoff(
  group: GroupOptions,
  change: (world: MovingWorld) => Promise<void>,
): Promise<Record<string, Figure>> {
  await using world = await MovingWorld.open(nodes, { ...group, drain: "0s" });
  await world.start(load);
  await delay(pauseMs);
  await change(world);
  await delay(stallMs);
  const broken = (await world.traffic.summary())["tcp"]?.broken ?? 0;
  return {
    "broken without a handoff": count(broken),
    "short of 100 broken without a handoff": count(Math.max(0, 100 - broken)),
  };
}

/** Each with the client's end and the time, for the logs of the lab and its events to be read beside. */
function breakagesOf(sums: Record<string, Summary>): string[] {
  return Object.entries(sums).flatMap(([name, { breakages }]) =>
    breakages
      .slice(0, mostTold)
      .map(({ reason, at, from }) => `broken: ${name} ${from} at ${new Date(at).toISOString()}: ${reason}`),
  );
}

function figuresOf(sums: Record<string, Summary>): Record<string, Figure> {
  const groups = ["tcp", "silent", "udp", "push", "new"].flatMap((name) => sums[name] ?? []);
  const total = (of: (sum: Summary) => number) => count(groups.reduce((sum, each) => sum + of(each), 0));
  const lost = (window: number) =>
    count(["udp", "push"].reduce((sum, name) => sum + Math.max(0, sums[name]?.lost[window] ?? 0), 0));
  const gap = (window: number): Figure => ({
    unit: "s",
    runs: [(sums["tcp"]?.worstGapMs[window] ?? 0) / 1000],
  });
  return {
    "connections broken": total(({ broken }) => broken),
    "connections not opened": total(({ notOpened }) => notOpened),
    "bytes or numbers wrong": total(({ wrong }) => wrong),
    "datagrams lost": lost(1),
    "datagrams lost, control": lost(2),
    "datagrams sent": count((sums["udp"]?.sent[1] ?? 0) + (sums["push"]?.sent[1] ?? 0)),
    "worst wait for an answer": gap(1),
    "worst wait for an answer, control": gap(2),
  };
}
