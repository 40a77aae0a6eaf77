/** What of connections is kept where, as /metrics shows it. */
import { counterOf, gaugeOf } from "@weft/runtime";

interface Labels extends Readonly<Record<string, string>> {
  readonly tenant: string;
  readonly group: string;
  readonly shard: string;
  readonly node: string;
}

export interface ShownReplicas {
  /** This node's own shards. */
  readonly told: readonly { readonly labels: Labels; readonly flows: number }[];
  readonly kept: readonly {
    readonly labels: Labels;
    readonly flows: number;
    readonly whole: boolean;
    readonly ageSeconds: number;
  }[];
}

export const adoptedFlows = counterOf("weft_adopted_flows_total");

const sources = new Set<() => ShownReplicas>();

/** Shows them until it is disposed of. */
export function showReplicas(shown: () => ShownReplicas): Disposable {
  sources.add(shown);
  return { [Symbol.dispose]: () => void sources.delete(shown) };
}

gaugeOf("weft_tracked_flows", (show) => {
  for (const source of sources) for (const { labels, flows } of source().told) show(labels, flows);
});
gaugeOf("weft_replica_flows", (show) => {
  for (const source of sources) for (const { labels, flows } of source().kept) show(labels, flows);
});
gaugeOf("weft_replica_whole", (show) => {
  for (const source of sources) for (const { labels, whole } of source().kept) show(labels, Number(whole));
});
gaugeOf("weft_replica_age_seconds", (show) => {
  for (const source of sources) for (const { labels, ageSeconds } of source().kept) show(labels, ageSeconds);
});
