/**
 * The series of shards, as /metrics shows them: the last sample of each shard that is there. One that is gone has none.
 * Counters are what the kernel counted, so they are right over a restart of the agent.
 */
import type { ShardSample } from "@weft/schemas";
import { counterOf, gaugeOf } from "@weft/runtime";

export interface ShownShard {
  readonly sample: ShardSample;
  readonly slots: number;
}

/** What an agent shows now. */
export type Shown = () => { readonly node: string; readonly shards: readonly ShownShard[] };

const sources = new Set<Shown>();

/** Shows the shards until it is disposed of. */
export function showShards(shown: Shown): Disposable {
  sources.add(shown);
  return { [Symbol.dispose]: () => void sources.delete(shown) };
}

type Labels = Readonly<Record<string, string>>;

/** Labels and value of each shard that has one. */
function values(of: (shard: ShownShard) => number | null | undefined): [Labels, number][] {
  return [...sources].flatMap((shown) => {
    const { node, shards } = shown();
    return shards.flatMap((each): [Labels, number][] => {
      const value = of(each) ?? null;
      const { tenant, group, name: shard } = each.sample;
      return value === null ? [] : [[{ tenant, group, shard, node }, value]];
    });
  });
}

const directions = ["toServer", "toClient"] as const;
for (const [name, counted] of [
  ["weft_shard_bytes_total", "bytes"],
  ["weft_shard_packets_total", "packets"],
] as const)
  counterOf(name, (show) => {
    for (const direction of directions)
      for (const [labels, value] of values(({ sample }) => sample[counted]?.[direction]))
        show({ ...labels, direction }, value);
  });

counterOf("weft_shard_cpu_seconds_total", (show) => {
  for (const [labels, value] of values(({ sample }) => sample.cpuSeconds)) show(labels, value);
});
gaugeOf("weft_shard_flows", (show) => {
  for (const [labels, value] of values(({ sample }) => sample.flows)) show(labels, value);
});
gaugeOf("weft_shard_memory_bytes", (show) => {
  for (const [labels, value] of values(({ sample }) => sample.memory)) show(labels, value);
});
gaugeOf("weft_shard_slots", (show) => {
  for (const [labels, value] of values(({ slots }) => slots)) show(labels, value);
});
