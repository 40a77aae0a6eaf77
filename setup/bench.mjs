/**
 * `npm run bench [-- NAME… --rounds N]`: brings the machine into shape, with the peers that Weft is measured against, then runs the benches.
 * A bench is a file in test/bench/; without a name all are run, each as often as `--rounds` says. Exits 2 for a name that there is not, 1 beyond a bound.
 * Measuring, the table and the figures kept are test/bench/harness/main.ts.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { prepareMachine } from "./install.mjs";
import { requireNoOtherLab, runToEnd, withDocker } from "./lab-suite.mjs";
import { checkout } from "./npm-packages.mjs";
import { runSetup } from "./shell.mjs";

const folder = path.join(checkout, "test/bench");
const known = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => path.basename(file, ".ts"))
  .sort();

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { yes: { type: "boolean" }, rounds: { type: "string", default: "1" } },
});
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`weft: no such bench: ${unknown.join(" ")}; there are ${known.join(" ")}\n`);
  process.exit(2);
}

await runSetup(async () => {
  await requireNoOtherLab();
  await prepareMachine({ yes: true, bench: true });
  await withDocker(async () => {
    const names = wanted.length > 0 ? wanted : known;
    const rounds = ["--rounds", values.rounds];
    process.exitCode = await runToEnd([path.join(folder, "harness/main.ts"), ...rounds, ...names]);
  });
});
