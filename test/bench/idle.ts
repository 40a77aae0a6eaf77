/**
 * `npm run bench -- idle`: what Weft uses while nothing happens: three nodes, one chain, two copies of each service.
 * Starts a lab; needs root and no lab running. Probes and heartbeats run as they are set by default.
 */
import { setTimeout as delay } from "node:timers/promises";
import { startLab, stopLab } from "@weft/lab";
import type { Bench, Figure, Measured } from "./harness/bench.ts";
import { applyEdge, shards } from "./idle/edge.ts";
import { labProcesses, sum } from "./idle/lab-processes.ts";
import type { MeasuredProcess } from "./idle/lab-processes.ts";

const nodes = 3;
/** Caches, compilers and what was just brought up come to rest. */
const settleSeconds = 20;
const windowSeconds = 60;

export const bench: Bench = {
  name: "idle",
  compares:
    `the services (two copies of each) and agents of a lab of ${nodes} nodes with one chain of ${shards} docker shards over ${windowSeconds} s ` +
    "in which nobody asks for anything, with 3 % of a core; probes and 100 ms heartbeats on; whatever they start counts with them",
  bounds: [{ figure: "services and agents with their children", plus: 0.03, by: "worst" }],
  measure: async (say) => {
    say(`a lab of ${nodes} nodes`);
    const { id, endpoints } = await startLab({ nodes });
    try {
      if (endpoints === undefined) throw new Error("the lab has no endpoints");
      await applyEdge(endpoints);
      say(`${settleSeconds} s to settle, then ${windowSeconds} s`);
      await delay(settleSeconds * 1_000);
      return await overWindow(id, windowSeconds);
    } finally {
      await stopLab();
    }
  },
};

/** What every process used in that time. Throws when one ended or came meanwhile: idle means that nothing happens. */
export async function overWindow(labId: string, seconds: number): Promise<Measured> {
  const startedAt = performance.now();
  const before = labProcesses(labId);
  await delay(seconds * 1_000);
  const after = labProcesses(labId);
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  const pids = (processes: readonly MeasuredProcess[]) => processes.map(({ pid }) => pid).join(" ");
  if (before.length === 0 || pids(before) !== pids(after)) throw new Error("processes came or went");
  const used = after.map((now, at): MeasuredProcess => {
    const then = before[at] ?? now;
    return { ...now, own: since(now.own, then.own), children: since(now.children, then.children) };
  });
  return figuresOf(named(used), tookSeconds);
}

function since(now: MeasuredProcess["own"], then: MeasuredProcess["own"]): MeasuredProcess["own"] {
  return { ...now, cpuSeconds: now.cpuSeconds - then.cpuSeconds, wakeUps: now.wakeUps - then.wakeUps };
}

/** Copies of a service are told apart by what they used: the busier one comes first. */
function named(used: readonly MeasuredProcess[]): MeasuredProcess[] {
  const byName = Map.groupBy(used, ({ name }) => name);
  return [...byName.keys()].sort().flatMap((name) => {
    const copies = (byName.get(name) ?? []).toSorted((a, b) => b.own.cpuSeconds - a.own.cpuSeconds);
    return copies.map((copy, at) => ({ ...copy, name: at === 0 ? name : `${name}, copy ${at + 1}` }));
  });
}

function figuresOf(used: readonly MeasuredProcess[], seconds: number): Measured {
  const own = used.map((each) => each.own).reduce(sum);
  const children = used.map((each) => each.children).reduce(sum);
  const cores = (cpuSeconds: number): Figure => ({ unit: "cores", runs: [cpuSeconds / seconds] });
  const bytes = (value: number): Figure => ({ unit: "bytes", runs: [value] });
  const rate = (wakeUps: number): Figure => ({ unit: "count", runs: [wakeUps / seconds] });
  return {
    figures: {
      "services and agents with their children": cores(own.cpuSeconds + children.cpuSeconds),
      "services and agents": cores(own.cpuSeconds),
      "their children": cores(children.cpuSeconds),
      "wake-ups a second": rate(own.wakeUps),
      "wake-ups a second of their children": rate(children.wakeUps),
      "memory of all (PSS)": bytes(own.pssBytes + children.pssBytes),
      ...Object.fromEntries(used.map((each) => [each.name, cores(each.own.cpuSeconds)])),
      ...Object.fromEntries(used.map((each) => [`${each.name}: wake-ups a second`, rate(each.own.wakeUps)])),
      ...Object.fromEntries(used.map((each) => [`${each.name}: resident`, bytes(each.own.rssBytes)])),
      ...Object.fromEntries(used.map((each) => [`${each.name}: PSS`, bytes(each.own.pssBytes)])),
    },
    facts: { nodes, shards, processes: used.length, windowSeconds: Math.round(seconds) },
  };
}
