/**
 * What `npm run test:long` keeps of each round: how every file ended, and how long what takes long took, in test/long.
 * Reads vitest's JSON, the commit and the machine's measure; says nothing that tells one host from another.
 * Running the suite is left to test.mjs.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, release, totalmem } from "node:os";
import path from "node:path";
import { checkout } from "./npm-packages.mjs";

const keptIn = path.join(checkout, "test/long");
/** Tests below this are a file's sum alone. */
const worthNamingMs = 2_000;

/** Of a round that has ended: the later ones take an hour more, and may be stopped. `report` is vitest's, parsed; returns where it was written. */
export function keepLongResult(report, tiers) {
  const files = report.testResults.map(fileResult);
  const result = {
    measuredAt: new Date().toISOString(),
    commit: commit(),
    machine: machineFacts(),
    passed: report.numPassedTests ?? 0,
    failed: report.numFailedTests ?? 0,
    seconds: rounded(files.reduce((total, { seconds }) => total + seconds, 0)),
    files: files.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  };
  mkdirSync(keptIn, { recursive: true });
  const file = path.join(keptIn, `${tiers.join("-")}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  return path.relative(checkout, file);
}

/** Null outside a checkout of git's. */
function commit() {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: checkout, encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

function fileResult({ name, startTime, endTime, status, assertionResults }) {
  const having = (wanted) => assertionResults.filter((test) => test.status === wanted);
  return {
    file: path.relative(checkout, name),
    status,
    passed: having("passed").length,
    failed: having("failed").map(({ fullName }) => fullName),
    seconds: rounded((endTime - startTime) / 1000),
    long: Object.fromEntries(
      assertionResults
        .filter(({ duration }) => duration >= worthNamingMs)
        .map(({ fullName, duration }) => [fullName, rounded(duration / 1000)]),
    ),
  };
}

function machineFacts() {
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  return {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: /^[\d.]+/.exec(release())?.[0] ?? "unknown", // what follows is whoever built it
    system,
    node: process.versions.node,
  };
}

function rounded(seconds) {
  return Math.round(seconds * 10) / 10;
}
