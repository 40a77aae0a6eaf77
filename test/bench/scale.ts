/**
 * `npm run bench -- scale`: a firewall of Docker shards grows and shrinks, 2→4→3→6→2, under 2,000 connections that speak each second, 200 that
 * are silent for a minute across two moves, 200 flows of datagrams and 200 that the server sends. Then the same group without a handoff.
 * What is lost of datagrams is held against an equally long stretch of the same run in which nothing changes.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Load } from "../traffic/moving-world.ts";
import { MovingWorld } from "../traffic/moving-world.ts";
import type { Summary } from "../traffic/summary.ts";
import type { Bench, Figure } from "./harness/bench.ts";

const load: Load = { addresses: 200, tcp: 2_000, silent: 200, udp: 200, push: 200, everyMs: 1_000 };
const steps = [4, 3, 6, 2] as const;
const pauseMs = 5_000;
/** From their last word until they speak again. */
const silenceMs = 60_000;
const nodes = 3;
const runtime = "docker";

export const bench: Bench = {
  name: "scale",
  compares:
    "connections and datagrams through a strict firewall while it scales 2→4→3→6→2, with an equally long control window of the same run, and " +
    "connections with the same group without a handoff. In every shard a packet of a connection whose beginning it did not see is dropped",
  bounds: [
    { figure: "connections broken", plus: 0, by: "worst" },
    { figure: "bytes or numbers wrong", plus: 0, by: "worst" },
    { figure: "connections not opened", plus: 0, by: "worst" },
    { figure: "flows seen by two shards", plus: 0, by: "worst" },
    { figure: "datagrams lost", times: 1, of: "datagrams lost, control", by: "worst" },
    { figure: "share not moved", plus: 0.5, by: "worst" },
    { figure: "short of 100 broken without a handoff", plus: 0, by: "worst" },
  ],
  measure: async (say) => {
    const kept = await withHandoff(say);
    say("the same without a handoff");
    const broken = await withoutHandoff();
    return {
      figures: {
        ...kept,
        "broken without a handoff": count(broken),
        "short of 100 broken without a handoff": count(Math.max(0, 100 - broken)),
      },
      facts: {
        connections: load.tcp + load.silent,
        "flows of datagrams": load.udp + load.push,
        runtime,
        nodes,
      },
    };
  },
};

async function withHandoff(say: (line: string) => void): Promise<Record<string, Figure>> {
  await using world = await MovingWorld.open(nodes, { replicas: 2, runtime });
  await world.start(load);
  const openedAt = Date.now();
  await delay(pauseMs);
  await world.window(1);
  const startedAt = Date.now();
  for (const replicas of steps) {
    say(`to ${replicas} shards`);
    await world.scale({ replicas, runtime });
    await delay(pauseMs);
  }
  const tookMs = Date.now() - startedAt;
  const twice = await world.seenTwice();
  await delay(Math.max(0, openedAt + silenceMs - Date.now()));
  await world.window(2);
  say("nothing changes for as long");
  await delay(tookMs);
  await world.window(3);
  await world.speak();
  await world.quiet();
  await delay(pauseMs);
  const sums = await world.summary();
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
    "flows seen by two shards": count(twice.length),
    "share moved": { unit: "ratio", runs: [world.movedShare()] },
    "share not moved": { unit: "ratio", runs: [1 - world.movedShare()] },
    "worst wait for an answer": gap(1),
    "worst wait for an answer, control": gap(2),
  };
}

async function withoutHandoff(): Promise<number> {
  await using world = await MovingWorld.open(nodes, { replicas: 2, runtime, drain: "0s" });
  await world.start(load);
  await delay(pauseMs);
  await world.scale({ replicas: 4, runtime, drain: "0s" });
  // A connection counts as broken when a message had no answer for so long.
  await delay(15_000);
  return (await world.summary())["tcp"]?.broken ?? 0;
}

function count(value: number): Figure {
  return { unit: "count", runs: [value] };
}
