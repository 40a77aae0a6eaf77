/**
 * Metrics that every service has, in one registry that /metrics shows.
 * Writes counters and histograms in memory.
 * Metrics of a service's own are made by it, with this registry.
 */
import { Counter, Histogram, Registry } from "prom-client";
import { processMetrics } from "./process-metrics.ts";

export const metrics = new Registry();
for (const metric of processMetrics()) metrics.registerMetric(metric);

export const stepsTotal = new Counter({
  name: "weft_steps_total",
  help: "Steps carried out, by service, kind of step and result (done or failed)",
  labelNames: ["service", "kind", "result"] as const,
  registers: [metrics],
});

export const reconcileSeconds = new Histogram({
  name: "weft_reconcile_seconds",
  help: "Duration of one round of a service's loop: look, decide, carry out",
  labelNames: ["service"] as const,
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  registers: [metrics],
});
