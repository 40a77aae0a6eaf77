/**
 * `npm run bench -- round`: what one change costs among 10, 100 and 1,000 workloads: time, bytes on the bus, bytes to OVN's databases.
 * Starts servers of its own in temporary folders; needs no lab and no root. Nodes are simulated (round/simulated-lab.ts).
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Bench, Figure } from "./harness/bench.ts";
import { median } from "./harness/measure.ts";
import { connectionBytes } from "./round/connection-bytes.ts";
import { documentsOf, functionGroup, groupName, perGroup, workload } from "./round/documents.ts";
import { nodes, startSimulatedLab } from "./round/simulated-lab.ts";
import type { SimulatedLab } from "./round/simulated-lab.ts";

const sizes = [10, 100, 1_000] as const;
const rounds = 5;
const groupsAtOnce = 20;
/** What follows a change (records of its progress, events) has come to rest by then, and belongs to its bytes. */
const restMs = 1_500;

interface Cost {
  readonly seconds: number;
  readonly busBytes: number;
  readonly ovsdbBytes: number;
}

export const bench: Bench = {
  name: "round",
  compares:
    "one change among 10, 100 and 1,000 workloads with a group and a chain for each ten: a group scaled by one shard, from one to six in five runs (from the request " +
    "until its slots are divided in the network), and one workload more (until it is programmed). Bytes: all connections of the bus, and the " +
    `stitcher's to both OVN databases, over the change and ${restMs} ms after it. Intent, scheduler, stitcher, NATS, Consul and OVN are real, ${nodes} nodes simulated`,
  bounds: [],
  measure: async (say) => {
    const figures: Record<string, Figure> = {};
    const medians = new Map<string, number[]>();
    for (const size of sizes) {
      say(`${size} workloads`);
      await using lab = await startSimulatedLab();
      await populate(lab, size / perGroup);
      const costs = await changes(lab);
      for (const [change, runs] of Object.entries(costs))
        for (const [what, figure] of Object.entries(figuresOf(runs))) {
          figures[`${change} among ${size}: ${what}`] = figure;
          medians.set(`${change}: ${what}`, [
            ...(medians.get(`${change}: ${what}`) ?? []),
            median(figure.runs),
          ]);
        }
    }
    return { figures, facts: { nodes, ...slopes(medians) } };
  },
};

async function populate(lab: SimulatedLab, groups: number): Promise<void> {
  for (let from = 0; from < groups; from += groupsAtOnce) {
    const count = Math.min(groupsAtOnce, groups - from);
    await lab.apply(Array.from({ length: count }, (_, index) => documentsOf(from + index)).flat());
  }
  await lab.until("every workload and chain", () => {
    const programmed = [...lab.stitched.entries().values()].filter(
      ({ value }) => value.state === "programmed",
    );
    const count = (kind: string) => programmed.filter(({ value }) => value.kind === kind).length;
    return count("workload") === groups * perGroup && count("chain") === groups;
  });
  await delay(restMs);
}

/** In turn, each on a thing that none before it touched. */
async function changes(lab: SimulatedLab): Promise<Record<string, Cost[]>> {
  const scaled: Cost[] = [];
  const added: Cost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    scaled.push(await costOf(lab, () => scale(lab, 2 + round)));
    added.push(await costOf(lab, () => add(lab, perGroup + round)));
  }
  return { "a group scaled by one": scaled, "a new workload": added };
}

async function scale(lab: SimulatedLab, replicas: number): Promise<void> {
  await lab.apply([functionGroup(0, replicas)]);
  await lab.until(`slots of ${replicas} shards`, () => {
    const record = [...lab.slots.entries().values()].find(({ value }) => value.group === groupName(0))?.value;
    return record !== undefined && new Set(record.owners).size === replicas;
  });
}

async function add(lab: SimulatedLab, index: number): Promise<void> {
  const document = workload(0, index);
  const { name } = document.metadata;
  await lab.apply([document]);
  await lab.until(name, () =>
    [...lab.stitched.entries().values()].some(
      ({ value }) => value.kind === "workload" && value.name === name && value.state === "programmed",
    ),
  );
}

async function costOf(lab: SimulatedLab, change: () => Promise<void>): Promise<Cost> {
  const [bus, ovsdb] = [() => connectionBytes([lab.busPort]), () => connectionBytes(lab.ovsdbPorts)];
  const [busBefore, ovsdbBefore] = [await bus(), await ovsdb()];
  const startedAt = performance.now();
  await change();
  const seconds = (performance.now() - startedAt) / 1_000;
  await delay(restMs);
  return { seconds, busBytes: (await bus()) - busBefore, ovsdbBytes: (await ovsdb()) - ovsdbBefore };
}

function figuresOf(costs: readonly Cost[]): Record<string, Figure> {
  return {
    time: { unit: "s", runs: costs.map(({ seconds }) => seconds) },
    "bytes on the bus": { unit: "bytes", runs: costs.map(({ busBytes }) => busBytes) },
    "bytes to OVN": { unit: "bytes", runs: costs.map(({ ovsdbBytes }) => ovsdbBytes) },
  };
}

/** Least squares over the sizes: what each workload more adds to one change. */
function slopes(medians: ReadonlyMap<string, readonly number[]>): Record<string, string> {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanSize = mean(sizes);
  return Object.fromEntries(
    [...medians].map(([what, values]) => {
      const meanValue = mean(values);
      const together = sizes.map((size, at) => (size - meanSize) * ((values[at] ?? 0) - meanValue));
      const slope = mean(together) / mean(sizes.map((size) => (size - meanSize) ** 2));
      const shown = what.endsWith("time") ? `${(slope * 1e6).toFixed(1)} µs` : `${slope.toFixed(1)} bytes`;
      return [`slope of ${what}`, `${shown} for each workload`];
    }),
  );
}
