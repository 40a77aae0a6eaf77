/**
 * Runs benches one after the other; every one is measured even when one before it was beyond a bound or broke.
 * Reads benches; prints their tables, hands each result on to be kept. Returns the exit code: 0, or 1 beyond a bound.
 * Finding benches and writing files is left to main.ts.
 */
import type { Bench } from "./bench.ts";
import { judge } from "./judge.ts";
import { resultOf, tableOf } from "./report.ts";
import type { BenchResult } from "./report.ts";

export interface Outlet {
  readonly print: (text: string) => void;
  readonly say: (line: string) => void;
  readonly keep: (result: BenchResult) => void;
}

export async function runBenches(benches: readonly Bench[], outlet: Outlet): Promise<0 | 1> {
  let code: 0 | 1 = 0;
  for (const bench of benches) {
    outlet.say(`measuring ${bench.name}`);
    try {
      const measured = await bench.measure((line) => outlet.say(`${bench.name}: ${line}`));
      const verdicts = judge(bench.bounds, measured.figures);
      const result = resultOf(bench, measured, verdicts);
      outlet.keep(result);
      outlet.print(tableOf(result));
      if (!verdicts.every(({ holds }) => holds)) code = 1;
    } catch (error) {
      outlet.say(
        `${bench.name} broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      code = 1;
    }
  }
  return code;
}
