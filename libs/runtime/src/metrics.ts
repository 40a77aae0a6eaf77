/**
 * The one registry that /metrics shows, and the only way to make a series of the catalogue.
 * Writes counters and histograms in memory. What a series says is its maker's; which there are stands in metric-catalogue.ts.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { CatalogueEntry, CounterName, GaugeName, HistogramName } from "./metric-catalogue.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { processMetrics } from "./process-metrics.ts";

export const metrics = new Registry();
for (const metric of processMetrics()) metrics.registerMetric(metric);

export type Labels = Readonly<Record<string, string>>;
/** Tells one value of a series; what is not told is not shown. */
export type Show = (labels: Labels, value: number) => void;

/**
 * A counter of events that this process counts itself; or, with `tell`, one that others count (the kernel): `tell` says how much
 * it is whenever somebody asks.
 */
export function counterOf(name: CounterName, tell?: (show: Show) => void): Counter {
  return new Counter({
    ...shapeOf(name),
    ...(tell === undefined
      ? {}
      : {
          collect() {
            this.reset();
            tell((labels, value) => this.inc({ ...labels }, value));
          },
        }),
  });
}

/** `tell` says what it is whenever somebody asks. */
export function gaugeOf(name: GaugeName, tell: (show: Show) => void): Gauge {
  return new Gauge({
    ...shapeOf(name),
    collect() {
      this.reset();
      tell((labels, value) => this.set({ ...labels }, value));
    },
  });
}

export function histogramOf(name: HistogramName): Histogram {
  return new Histogram({ ...shapeOf(name), buckets: [...metricCatalogue[name].buckets] });
}

function shapeOf(name: CounterName | GaugeName | HistogramName) {
  const { help, labels }: CatalogueEntry = metricCatalogue[name];
  return { name, help, labelNames: [...labels], registers: [metrics] };
}

export const stepsTotal = counterOf("weft_steps_total");
export const reconcileSeconds = histogramOf("weft_reconcile_seconds");
