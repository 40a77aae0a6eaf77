/**
 * Runs benches one after the other, each as often as it is told to; every one is measured even when one before it was beyond a bound or broke.
 * Reads benches; prints their tables, hands each result on to be kept. Returns the exit code: 0, or 1 beyond a bound.
 * Finding benches and writing files is left to main.ts.
 */
import type { Bench, Measured } from "./bench.ts";
import { judge } from "./judge.ts";
import { joined } from "./measure.ts";
import { resultOf, tableOf } from "./report.ts";
import type { BenchResult } from "./report.ts";

export interface Outlet {
  /** How often each bench is measured: what all of them gave is judged and kept together. Default 1. */
  readonly rounds?: number;
  readonly print: (text: string) => void;
  readonly say: (line: string) => void;
  readonly keep: (result: BenchResult) => void;
}

export async function runBenches(benches: readonly Bench[], outlet: Outlet): Promise<0 | 1> {
  let code: 0 | 1 = 0;
  for (const bench of benches) {
    const { rounds, broke } = await measuredRounds(bench, outlet);
    if (broke > 0) code = 1;
    if (rounds.length === 0) continue;
    const measured = joined(rounds);
    const verdicts = judge(bench.bounds, measured.figures);
    const facts = { ...measured.facts, ...(broke > 0 ? { "rounds that broke": broke } : {}) };
    const result = resultOf(bench, { ...measured, facts }, verdicts);
    outlet.keep(result);
    outlet.print(tableOf(result));
    if (!verdicts.every(({ holds }) => holds)) code = 1;
  }
  return code;
}

/** A round that breaks ends none of the others. */
async function measuredRounds(bench: Bench, { rounds: times = 1, say }: Outlet) {
  const rounds: Measured[] = [];
  for (let round = 1; round <= times; round += 1) {
    say(`measuring ${bench.name}${times === 1 ? "" : `, round ${round} of ${times}`}`);
    try {
      rounds.push(await bench.measure((line) => say(`${bench.name}: ${line}`)));
    } catch (error) {
      say(`${bench.name} broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return { rounds, broke: times - rounds.length };
}
