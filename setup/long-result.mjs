/**
 * What `npm run test:long` keeps: how every file of the suite ended, and how long what takes long took, in test/long/results.json.
 * Reads vitest's JSON of each round and the machine's measure; says nothing that tells one host from another.
 * Running the suite is left to test.mjs.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, release, totalmem } from "node:os";
import path from "node:path";
import { checkout } from "./npm-packages.mjs";

const keptIn = path.join(checkout, "test/long/results.json");
/** Tests below this are a file's sum alone. */
const worthNamingMs = 2_000;

/** `reports` are vitest's, parsed; returns where the result was written, from the checkout's folder. */
export function keepLongResult(reports, { sum, without }) {
  const files = reports.flatMap(({ testResults }) => testResults.map(fileResult));
  const result = {
    measuredAt: new Date().toISOString(),
    machine: machineFacts(),
    leftOut: without,
    ...sum,
    seconds: rounded(files.reduce((total, { seconds }) => total + seconds, 0)),
    files: files.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  };
  mkdirSync(path.dirname(keptIn), { recursive: true });
  writeFileSync(keptIn, `${JSON.stringify(result, undefined, 2)}\n`);
  return path.relative(checkout, keptIn);
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
