/**
 * The program behind `npm run bench`: loads the benches that are named, runs them, writes test/bench/results/NAME.json.
 * Reads test/bench/NAME.ts, each of which exports `bench`; the table goes to stdout, all else to stderr.
 * The machine, with the peers to be measured against, is left to setup/bench.mjs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Bench } from "./bench.ts";
import { runBenches } from "./run.ts";

const results = path.join(import.meta.dirname, "../results");

async function load(name: string): Promise<Bench> {
  const { bench } = (await import(`../${name}.ts`)) as { readonly bench?: Bench };
  if (bench?.name !== name) throw new Error(`test/bench/${name}.ts exports no bench of that name`);
  return bench;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "1" } },
});
const rounds = z.coerce.number().int().positive().parse(values.rounds);
const benches = await Promise.all(positionals.map(load));
process.exitCode = await runBenches(benches, {
  rounds,
  print: (text) => void process.stdout.write(`${text}\n`),
  say: (line) => void process.stderr.write(`bench: ${line}\n`),
  keep: (result) => {
    mkdirSync(results, { recursive: true });
    writeFileSync(path.join(results, `${result.bench}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  },
});
