/**
 * `npm test`: brings the machine into shape, then runs the suite tier by tier on the real servers.
 * Prints vitest's own progress, what was left out, and as the last line the sum: N passed, N failed, N skipped.
 * `--without TIER` leaves a tier out; `--long` runs the full figures and keeps how they ended; anything else goes to vitest (file filters).
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { prepareMachine } from "./install.mjs";
import { keepLongResult } from "./long-result.mjs";
import { requireNoOtherLab, runToEnd, withDocker } from "./lab-suite.mjs";
import { checkout } from "./npm-packages.mjs";
import { cleanUpAtExit, runSetup, say } from "./shell.mjs";

const tiers = ["unit", "architecture", "integration", "lab", "kubernetes"];
/** The lab's tests own the machine's lab and both its cores: they run when the others are done. */
const rounds = [["unit", "architecture", "integration"], ["lab"]];
const leaveItOut = "\n  Or leave its tests out: npm test -- --without lab";

const { without, long, rest } = parseOptions(process.argv.slice(2));
const sum = { passed: 0, failed: 0, skipped: 0 };
let broken = false;

await runSetup(async () => {
  if (!without.includes("lab")) await requireNoOtherLab(leaveItOut);
  const scratch = mkdtempSync(path.join(tmpdir(), "weft-test-"));
  const clear = cleanUpAtExit(() => rmSync(scratch, { recursive: true, force: true }));
  await prepareMachine({ yes: true, test: true });
  await withDocker(async () => {
    for (const [index, round] of rounds.entries()) {
      const projects = round.filter((tier) => !without.includes(tier));
      if (projects.includes("lab")) await requireNoOtherLab(leaveItOut);
      if (projects.length > 0) await runTiers(projects, path.join(scratch, `${index}.json`));
    }
  }).finally(clear);
});
report();

function parseOptions(args) {
  const parsed = { without: [], long: false, rest: [] };
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] === "--long") parsed.long = true;
    else if (args[at] === "--yes") continue;
    else if (args[at] === "--without") parsed.without.push(...(args[(at += 1)] ?? "").split(","));
    else if (args[at].startsWith("--without=")) parsed.without.push(...args[at].slice(10).split(","));
    else parsed.rest.push(args[at]);
  }
  const unknown = parsed.without.filter((tier) => !tiers.includes(tier));
  if (unknown.length > 0) {
    process.stderr.write(`weft: no such tier: ${unknown.join(" ")}; there are ${tiers.join(" ")}\n`);
    process.exit(2);
  }
  return parsed;
}

async function runTiers(projects, results) {
  say(`testing: ${projects.join(", ")}`);
  const vitest = path.join(checkout, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const chosen = projects.map((project) => `--project=${project}`);
  const code = await runToEnd(
    [vitest, "run", ...chosen, ...reporters, "--passWithNoTests", ...rest],
    long ? { WEFT_TEST_LONG: "1" } : {},
  );
  const found = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : { testResults: [] };
  add(code, found);
  // Of a part alone nothing is kept: it would take the place of the whole.
  if (long && rest.length === 0) say(`kept: ${keepLongResult(found, projects)}`);
}

/** A file that does not load has no failed test of its own, and must count all the same. */
function add(code, found) {
  const unloaded = found.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(isFailed),
  );
  sum.passed += found.numPassedTests ?? 0;
  sum.failed += (found.numFailedTests ?? 0) + unloaded.length;
  sum.skipped += (found.numPendingTests ?? 0) + (found.numTodoTests ?? 0);
  for (const file of unloaded) say(`did not load or broke outside its tests: ${file.name}`);
  if (code !== 0) broken = true;
}

function isFailed(test) {
  return test.status === "failed";
}

function report() {
  if (without.length > 0) process.stdout.write(`left out: ${without.join(", ")}\n`);
  if (!long) process.stdout.write("left out: the full figures (npm run test:long)\n");
  const none = sum.passed + sum.failed === 0;
  if (none) process.stdout.write("no test ran\n");
  if (broken && sum.failed === 0)
    process.stdout.write("a run ended with an error outside its tests: see above\n");
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
  process.exitCode = broken || none || sum.failed > 0 ? 1 : 0;
}
