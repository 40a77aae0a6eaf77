/** The program behind `npm run nemesis`: options, progress on stderr, what was injected and what came of it as JSON; 1 when it did not hold. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { faultsOf, runNemesis } from "./run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    json: { type: "string" },
    logs: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0 && minutes <= 24 * 60) || !Number.isInteger(seed)) {
  process.stderr.write("weft: --minutes is a number from 0 to 1440, --seed a whole number\n");
  process.exit(2);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
say(`nemesis: ${minutes} minutes, seed ${seed}`);
const kept = values.logs === undefined ? {} : { logs: path.resolve(values.logs) };
const result = await runNemesis({ ms: minutes * 60_000, seed, say, ...kept });
const text = `${JSON.stringify(result, undefined, 2)}\n`;
if (values.json !== undefined) {
  mkdirSync(path.dirname(path.resolve(values.json)), { recursive: true });
  writeFileSync(values.json, text);
}
process.stdout.write(text);
const faults = faultsOf(result);
for (const fault of faults) say(fault);
say(faults.length === 0 ? "it held" : `it did not hold; the same choices again: --seed ${seed}`);
process.exitCode = faults.length === 0 ? 0 : 1;
