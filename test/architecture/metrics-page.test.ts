/** The series that the code can make are those that are promised, and docs/metrics.md says of each what the catalogue says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metricCatalogue } from "@weft/runtime";
import { describe, expect, it } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
const catalogue = Object.entries(metricCatalogue);

/** What dashboards and rules are written for: a change here is a change of the public surface. */
const shard = "tenant group shard node";
const promised = {
  weft_shard_bytes_total: `counter ${shard} direction`,
  weft_shard_packets_total: `counter ${shard} direction`,
  weft_shard_cpu_seconds_total: `counter ${shard}`,
  weft_shard_flows: `gauge ${shard}`,
  weft_shard_memory_bytes: `gauge ${shard}`,
  weft_shard_slots: `gauge ${shard}`,
  weft_shim_flows: "gauge tenant group shard node family",
  weft_shim_flows_limit: "gauge tenant group shard node",
  weft_tracked_flows: `gauge ${shard}`,
  weft_replica_flows: `gauge ${shard}`,
  weft_replica_whole: `gauge ${shard}`,
  weft_replica_age_seconds: `gauge ${shard}`,
  weft_adopted_flows_total: `counter ${shard}`,
  weft_steps_total: "counter service kind result",
  weft_reconcile_seconds: "histogram service",
  weft_handoff_seconds: "histogram",
  weft_intent_to_ready_seconds: "histogram",
};

describe("the series", () => {
  it("have the names, types and labels that were promised", () => {
    const made = catalogue.map(([name, { type, labels }]) => [name, [type, ...labels].join(" ")]);
    expect(Object.fromEntries(made)).toEqual(promised);
  });

  it("stand in docs/metrics.md as in the catalogue", () => {
    const rows = [...page.matchAll(/^\| `(weft_\w+)` \| (\w+) \| (.*?) \| [^|]+ \| (.+?) \|$/gm)];
    const told = rows.map(([, name, type, labels, help]) => ({ name, type, labels, help }));
    const wanted = catalogue.map(([name, { type, labels, help }]) => ({
      name,
      type,
      labels: labels.join(" ") || "none",
      help,
    }));
    expect(told).toEqual(wanted);
  });
});
