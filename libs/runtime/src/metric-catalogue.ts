/**
 * Every series that Weft tells, in one list: its type, its labels and what it says. docs/metrics.md shows the same.
 * Names and labels are what dashboards and rules are written for: they stay as they are.
 */

const shard = ["tenant", "group", "shard", "node"] as const;

export interface CatalogueEntry {
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

export const metricCatalogue = {
  weft_shard_bytes_total: {
    type: "counter",
    labels: [...shard, "direction"],
    help: "Bytes of Ethernet frames that arrived at the shard, from the clients (toServer) or the servers (toClient)",
  },
  weft_shard_packets_total: {
    type: "counter",
    labels: [...shard, "direction"],
    help: "Packets that arrived at the shard, likewise",
  },
  weft_shard_cpu_seconds_total: {
    type: "counter",
    labels: shard,
    help: "CPU time of the function's processes, without what the kernel spends on forwarding",
  },
  weft_shard_flows: {
    type: "gauge",
    labels: shard,
    help: "Connections that the shard tracks, without its probe's",
  },
  weft_shard_memory_bytes: {
    type: "gauge",
    labels: shard,
    help: "Memory of the function's processes, without file pages that the kernel may take back",
  },
  weft_shard_slots: { type: "gauge", labels: shard, help: "Slots that the shard owns" },
  weft_shim_flows: {
    type: "gauge",
    labels: [...shard, "family"],
    help: "Flows that the shard's shim remembered when it was last looked at, of ipv4 and ipv6",
  },
  weft_shim_flows_limit: {
    type: "gauge",
    labels: shard,
    help: "Flows of each family that the shard's shim can remember",
  },
  weft_tracked_flows: {
    type: "gauge",
    labels: shard,
    help: "Connections that the agent tells the shard's peers of (state: replicated)",
  },
  weft_replica_flows: {
    type: "gauge",
    labels: shard,
    help: "Connections of the shard of which this node's agent keeps the state; node is who keeps it",
  },
  weft_replica_whole: {
    type: "gauge",
    labels: shard,
    help: "1 while nothing of the shard's state is missing on the node that keeps it, else 0",
  },
  weft_replica_age_seconds: {
    type: "gauge",
    labels: shard,
    help: "Since the node that keeps the shard's state heard of it; a second or less is usual",
  },
  weft_adopted_flows_total: {
    type: "counter",
    labels: shard,
    help: "Connections of failed shards that the shard went on with",
  },
  weft_steps_total: {
    type: "counter",
    labels: ["service", "kind", "result"],
    help: "Steps carried out, by loop, kind of step and result (done or failed)",
  },
  weft_reconcile_seconds: {
    type: "histogram",
    labels: ["service"],
    help: "Duration of one round of a loop: look, decide, carry out",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  weft_handoff_seconds: {
    type: "histogram",
    labels: [],
    help: "From the start of a handoff until every live chassis sends its slots to the new owner",
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800],
  },
  weft_intent_to_ready_seconds: {
    type: "histogram",
    labels: [],
    help: "From the acceptance of a resource, or of a change of its spec, until it was ready",
    buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300],
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type MetricName = keyof typeof metricCatalogue;
type NamesOf<T extends CatalogueEntry["type"]> = {
  [N in MetricName]: (typeof metricCatalogue)[N]["type"] extends T ? N : never;
}[MetricName];
export type CounterName = NamesOf<"counter">;
export type GaugeName = NamesOf<"gauge">;
export type HistogramName = NamesOf<"histogram">;
