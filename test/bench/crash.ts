/**
 * `npm run bench -- crash`: for how long nothing passes when a shard dies, in each of its three ways, seen by datagrams that a client
 * sends each millisecond and a server sends back. Beside it keepalived, whose master dies the same way in the same lab, and the
 * same crash while health stands still: without the repair nothing passes at all. And what becomes of connections in groups with `state: replicated`.
 */
import { setTimeout as delay } from "node:timers/promises";
import { activeCopy } from "../lab/copies.ts";
import { pauseService, prepareCrash } from "../failures/damage.ts";
import { FailureLab } from "../failures/failure-lab.ts";
import { functionEnd, grayOutage, outageBy } from "../failures/outage.ts";
import type { Outage, OutageRun } from "../failures/outage.ts";
import { stages } from "../failures/stage-times.ts";
import { keepalivedOutages } from "./crash/keepalived.ts";
import { replicatedCrashes } from "./crash/replicated.ts";
import type { Bench, Figure, Measured } from "./harness/bench.ts";
import { count, median } from "./harness/measure.ts";

const rounds = {
  crash: 20,
  gray: 10,
  alone: 10,
  keepalived: 5,
  replicated: 10,
};
/** The defaults of health and agent; shards are not held back, or twenty crashes would take an hour. */
const detectionSeconds = 1;
const settings = { WEFT_DETECTION_MS: "1000", WEFT_PROBE_INTERVAL_MS: "200", WEFT_HOLD_MS: "0" };
const client = "client-1";
const pausedMs = 3_000;
/** One that ends younger is started again later each time. */
const soundMs = 10_500;
type Say = (line: string) => void;

export const bench: Bench = {
  name: "crash",
  compares:
    "outage of a 1 kHz echo through a chain whose shard dies: holder and function killed; its rules flushed; its function alone killed; " +
    "and the first one with the active stitcher killed too. Beside it the crash of keepalived's master (adverts each second); and connections that break in crashes of a group with state: replicated",
  bounds: [
    { figure: "holder and function killed", plus: 0.3, by: "worst" },
    { figure: "holder and function killed", times: 0.3, of: "keepalived's master killed", by: "worst" },
    { figure: "rules flushed", plus: 1.5 * detectionSeconds, by: "worst" },
    { figure: "lost when the function alone is killed", plus: 0, by: "worst" },
    { figure: "with the active stitcher killed too", plus: 3, by: "worst" },
    { figure: "connections lost with state: replicated", plus: 0, by: "worst" },
    { figure: "called dead and was not", plus: 0, by: "worst" },
  ],
  measure: async (say) => {
    const outages = await failures(say);
    const replicated = await replicatedCrashes(rounds.replicated, say);
    const { lost, lostWithout, connections } = replicated;
    const falseAlarms = [...outages.falseAlarms, ...replicated.falseAlarms];
    for (const line of falseAlarms) say(`false alarm: ${line}`);
    return {
      figures: {
        ...outages.figures,
        "connections lost with state: replicated": count(lost),
        "called dead and was not": count(falseAlarms.length),
      },
      facts: {
        ...outages.facts,
        [`of ${connections} connections, lost in one crash with state: local`]: lostWithout,
        "crashes with state: replicated": rounds.replicated,
      },
    };
  },
};

async function failures(say: Say): Promise<Measured & { readonly falseAlarms: readonly string[] }> {
  await using lab = await FailureLab.start({ settings });
  await using probes = await lab.probes(client);
  const at: OutageRun = { lab, probes, client };
  const killed = await series(
    rounds.crash,
    "killed",
    () => outageBy(at, (shard) => prepareCrash(lab, shard)),
    say,
  );
  const gray = await series(rounds.gray, "rules flushed", () => grayOutage(at), say);
  const alone = await losses(rounds.alone, at, say);
  const both = await series(
    1,
    "killed with the stitcher",
    () => outageBy(at, (shard) => withStitcher(lab, shard)),
    say,
  );
  const unrepaired = await withoutRepair(at, Math.max(...killed.map(({ longestMs }) => longestMs)));
  say(`killed while health stands still: nothing passed for ${unrepaired} s`);
  const keepalived = await keepalivedOutages(rounds.keepalived, say);
  return {
    falseAlarms: lab.alarms.found,
    figures: {
      "holder and function killed": outages(killed),
      "rules flushed": outages(gray),
      "lost when the function alone is killed": { unit: "count", runs: alone },
      "with the active stitcher killed too": outages(both),
      "keepalived's master killed": { unit: "s", runs: keepalived },
    },
    facts: {
      "detection of a probe, s": detectionSeconds,
      "killed while health stands still: outage until the agent has made the shard anew, s": unrepaired,
      ...stageFacts(killed),
    },
  };
}

async function series(times: number, what: string, once: () => Promise<Outage>, say: Say): Promise<Outage[]> {
  const found: Outage[] = [];
  for (let round = 0; round < times; round += 1) {
    const outage = await once();
    found.push(outage);
    const { shard, longestMs, lost, sent, stages } = outage;
    say(`${what}: ${shard}: ${Math.round(longestMs)} ms, ${lost} of ${sent} lost, ${JSON.stringify(stages)}`);
  }
  return found;
}

/** The function is killed and started again in its place; what its shard passes meanwhile is counted. */
async function losses(times: number, at: OutageRun, say: Say): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < times; round += 1) {
    await delay(soundMs);
    const { shard, lost, sent } = await functionEnd(at);
    say(`function alone killed: ${shard}: ${lost} of ${sent} lost`);
    found.push(lost);
  }
  return found;
}

function outages(found: readonly Outage[]): Figure {
  return { unit: "s", runs: found.map(({ longestMs }) => Math.round(longestMs) / 1_000) };
}

async function withStitcher(lab: FailureLab, shard: string): Promise<() => void> {
  const crash = await prepareCrash(lab, shard);
  const { pid } = await activeCopy("network-stitcher");
  return () => {
    process.kill(pid, "SIGKILL");
    crash();
  };
}

/**
 * Who judges stands still: then nobody moves the slots, and nothing passes until the agent has made the shard anew. Were it no
 * longer than the others, it was not the repair that ended those.
 */
async function withoutRepair({ lab, probes }: OutageRun, limitMs: number): Promise<number> {
  await lab.whole();
  probes.newFlow();
  await probes.settled();
  const shard = lab.ownerOf(client);
  const crash = await prepareCrash(lab, shard);
  lab.alarms.broken(shard);
  probes.window();
  const paused = await pauseService("health");
  try {
    crash();
    await delay(pausedMs);
  } finally {
    paused[Symbol.dispose]();
  }
  const { longestMs } = await probes.settled();
  await lab.whole();
  lab.alarms.broken();
  if (longestMs < 2 * limitMs)
    throw new Error(`without health the outage ended after ${Math.round(longestMs)} ms as well`);
  return Math.round(longestMs) / 1_000;
}

function stageFacts(killed: readonly Outage[]): Record<string, number> {
  const of = (stage: (typeof stages)[number]) =>
    median(killed.flatMap((outage) => outage.stages[stage] ?? []));
  return Object.fromEntries(stages.map((stage) => [`killed: ${stage} after, ms (median)`, of(stage)]));
}
