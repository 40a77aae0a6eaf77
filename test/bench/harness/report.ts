/**
 * What a bench came to: a table for whoever watches, and one JSON file to keep and compare.
 * Reads figures, verdicts and the machine's measure; says nothing that tells one host from another.
 * Running benches is left to run.ts.
 */
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";
import type { Bench, Figure, Measured, Unit } from "./bench.ts";
import { inWords } from "./judge.ts";
import type { Verdict } from "./judge.ts";
import { median } from "./measure.ts";

export interface BenchResult {
  readonly bench: string;
  readonly compares: string;
  readonly measuredAt: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly figures: Readonly<Record<string, Figure & { readonly median: number }>>;
  readonly bounds: readonly (Verdict & { readonly bound: string })[];
}

export function resultOf(bench: Bench, measured: Measured, verdicts: readonly Verdict[]): BenchResult {
  const figures = Object.entries(measured.figures).map(([name, { unit, runs }]) => {
    return [name, { unit, median: short(median(runs)), runs: runs.map(short) }] as const;
  });
  return {
    bench: bench.name,
    compares: bench.compares,
    measuredAt: new Date().toISOString(),
    machine: machineFacts(),
    facts: measured.facts ?? {},
    figures: Object.fromEntries(figures),
    bounds: verdicts.map((verdict) => ({
      bound: inWords(verdict),
      ...verdict,
      value: short(verdict.value),
      limit: short(verdict.limit),
      ...(verdict.ratio === undefined ? {} : { ratio: short(verdict.ratio) }),
    })),
  };
}

/** What figures depend on, and nothing that names the machine. */
function machineFacts(): Readonly<Record<string, string | number>> {
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    architecture: arch(),
    kernel: /^[\d.]+/.exec(release())?.[0] ?? "unknown", // what follows is whoever built it
    system,
    node: process.versions.node,
  };
}

export function tableOf({ bench, compares, facts, figures, bounds }: BenchResult): string {
  const figureRows = Object.entries(figures).map(([name, { unit, median, runs }]) => {
    const spread =
      runs.length > 1 ? `${withUnit(Math.min(...runs), unit)} – ${withUnit(Math.max(...runs), unit)}` : "";
    return [name, withUnit(median, unit), spread, `${runs.length}`];
  });
  const boundRows = bounds.map(({ bound, figure, value, limit, ratio, holds }) => {
    const unit = figures[figure]?.unit ?? "count";
    const came =
      ratio === undefined ? withUnit(value, unit) : `${ratio.toFixed(3)} × (${withUnit(value, unit)})`;
    return [holds ? "holds" : "BEYOND", bound, came, `limit ${withUnit(limit, unit)}`];
  });
  return [
    `${bench}: ${compares}`,
    ...aligned([["figure", "median", "spread", "runs"], ...figureRows]),
    ...Object.entries(facts).map(([name, value]) => `  ${name}: ${value}`),
    ...aligned(boundRows),
    "",
  ].join("\n");
}

function withUnit(value: number, unit: Unit): string {
  switch (unit) {
    case "s":
      return value < 1 ? `${(value * 1_000).toFixed(1)} ms` : `${value.toFixed(2)} s`;
    case "bytes":
      return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
    case "cores":
      return `${(value * 100).toFixed(2)} % of a core`;
    case "count":
    case "ratio":
      return `${short(value)}`;
  }
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd());
}

/** Five digits: more than any of these clocks is worth. */
function short(value: number): number {
  return Number(value.toPrecision(5));
}
