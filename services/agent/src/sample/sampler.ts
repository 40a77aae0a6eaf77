/**
 * Samples the node's shards about once a second: shows them on /metrics and says them on the bus, one message for the node.
 * Reads the kernel's counters; writes the totals that must outlive links, processes and the agent. Decides nothing.
 */
import path from "node:path";
import type { Line } from "@weft/bus";
import { everyTick } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import { sampleEveryMs, samplesSubject, slotsKey } from "@weft/schemas";
import type { InstancePlacement, ShardSample } from "@weft/schemas";
import type { Inventory } from "../inventory.ts";
import type { AgentPorts } from "../ports.ts";
import type { Probes } from "../probe/probes.ts";
import { readLinks } from "./kernel-counters.ts";
import { Rates } from "./rates.ts";
import { sampleShard } from "./sample-shard.ts";
import { showShards } from "./shard-metrics.ts";
import type { ShownShard } from "./shard-metrics.ts";
import { Totals } from "./totals.ts";

/** Among the heartbeats, and a tenth of a second before gateways take what was said. */
const sampleLateMs = 900;
/** The file of totals is written every so many samples: what is older than the last is lost with the agent and its shard together. */
const keepEvery = 10;

export interface SamplerSource {
  readonly node: string;
  readonly stateDir: string;
  readonly inventory: Inventory;
  readonly probes: Probes;
  readonly placements: () => readonly { readonly placement: InstancePlacement }[];
  /** Told of each sample that was taken in its time. */
  readonly sampled: (shards: readonly ShardSample[]) => void;
}

export interface Sampler extends Service {
  /** Before links or processes are taken away: what they counted until now is not lost. */
  take(): void;
}

export function createSampler(source: SamplerSource, ports: AgentPorts): Sampler {
  const reading = {
    totals: new Totals(path.join(source.stateDir, "shard-totals.json")),
    rates: new Rates(),
  };
  const { totals, rates } = reading;
  let last: readonly ShardSample[] = [];
  let taken = 0;
  let line: Line | undefined;
  const look = () => (last = samplesOf(source, ports, reading));
  const sample = () => {
    const shards = look();
    rates.turn();
    totals.retain(new Set(shards.map(({ placementUid }) => placementUid)));
    taken += 1;
    if (taken % keepEvery === 0) totals.keep();
    line?.publish(samplesSubject(source.node), JSON.stringify({ node: source.node, shards }));
    source.sampled(shards);
  };
  const quietly = (run: () => void) => {
    try {
      run();
    } catch (err) {
      ports.log.warn({ err }, "the shards were not sampled");
    }
  };
  const open = new DisposableStack();
  return {
    name: "sampler",
    start: async () => {
      line = open.use(ports.bus.openLine());
      open.use(showShards(() => ({ node: source.node, shards: withSlots(last, ports) })));
      quietly(sample);
      open.use(everyTick(sampleEveryMs, () => quietly(sample), sampleLateMs));
    },
    take: () =>
      quietly(() => {
        look();
        totals.keep();
      }),
    stop: async () => {
      open.dispose();
      quietly(() => totals.keep());
    },
  };
}

function samplesOf(
  { inventory, probes, placements }: SamplerSource,
  { drivers }: AgentPorts,
  reading: { readonly totals: Totals; readonly rates: Rates },
): ShardSample[] {
  const links = readLinks();
  const nowMs = performance.now();
  return placements().flatMap(({ placement }) => {
    if (placement.kind !== "shard") return [];
    const { uid, runtime } = placement;
    return sampleShard(placement, {
      owned: inventory.owned(uid),
      driver: drivers.get(runtime),
      links,
      probes: probes.count(uid),
      ...reading,
      nowMs,
    });
  });
}

function withSlots(samples: readonly ShardSample[], { views }: AgentPorts): ShownShard[] {
  return samples.map((sample) => {
    const { tenant, group, name } = sample;
    const owners = views.slots.get(slotsKey(tenant, group))?.value.owners ?? [];
    return { sample, slots: owners.filter((owner) => owner === name).length };
  });
}
