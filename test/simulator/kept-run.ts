/**
 * A long run kept in a file, part by part, so that nothing of it is lost when it is ended, and it can go on later: its parts are of the very
 * same sources, or it is refused. Reads and writes that file, and reads the sources.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { Part, sumOf } from "./run-histories.ts";

const checkout = path.resolve(import.meta.dirname, "../..");
/** All that a history is made of. */
const sources = ["libs/decide/src/**/*.ts", "schemas/src/**/*.ts", "test/simulator/*.ts"];

const KeptRun = Part.extend({
  /** Null outside a checkout. */
  commit: z.string().nullable(),
  /** Of the sources, as they were in all of its parts. */
  sources: z.string(),
  measuredAt: z.string(),
  seconds: z.number(),
  firstSeed: z.number(),
  lastSeed: z.number(),
});
export type KeptRun = z.infer<typeof KeptRun>;

/** Runs of other seeds as one: which seeds, in order, by which sources. `again`: runs of seeds that broke a rule by earlier sources. */
export function joinKept(files: readonly string[], again: readonly string[]): object {
  const runs = files.map(keptIn).toSorted((a, b) => a.firstSeed - b.firstSeed);
  if (runs.length === 0) throw new Error("there is no run to be joined");
  for (const [place, { firstSeed }] of runs.entries())
    if (firstSeed <= (runs[place - 1]?.lastSeed ?? -Infinity)) throw new Error("they have seeds in common");
  const measuredAt = runs.map((run) => run.measuredAt).toSorted()[0];
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  const ranges = runs.map(({ firstSeed, lastSeed, commit, sources: mark }) => ({
    firstSeed,
    lastSeed,
    commit,
    sources: mark,
  }));
  const sum = sumOf(runs);
  const later = again.map(keptIn);
  const passed = sum.failures.flatMap(({ seed, broken }) => {
    const run = later.find((each) => each.firstSeed <= seed && seed <= each.lastSeed);
    if (run === undefined || run.failures.some((failure) => failure.seed === seed)) return [];
    return [{ seed, brokenBefore: broken, commit: run.commit, sources: run.sources }];
  });
  const isOver = new Set(passed.map(({ seed }) => seed));
  const failures = sum.failures.filter(({ seed }) => !isOver.has(seed));
  return { measuredAt, seconds, ranges, ...sum, failures, again: passed };
}

function keptIn(file: string): KeptRun {
  return KeptRun.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Undefined: there is no such file. Throws where it is of other sources, or of none that are known. */
export function readKept(file: string): KeptRun | undefined {
  if (!existsSync(file)) return undefined;
  const { success, data } = KeptRun.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!success || data.sources !== sourcesMark())
    throw new Error(`${file} is not a run of these sources: what it found says nothing of them`);
  return data;
}

export interface RunPart {
  readonly part: Part;
  readonly firstSeed: number;
  readonly startedAt: Date;
}

/** With what was kept before, if anything was. */
export function withPart(before: KeptRun | undefined, { part, firstSeed, startedAt }: RunPart): KeptRun {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const lastSeed = firstSeed + part.histories - 1;
  if (before !== undefined)
    return { ...before, ...sumOf([before, part]), lastSeed, seconds: before.seconds + seconds };
  const when = { commit: commitOf(), sources: sourcesMark(), measuredAt: startedAt.toISOString(), seconds };
  return { ...when, firstSeed, lastSeed, ...part };
}

export function writeJson(file: string, result: object): void {
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Null outside a checkout. */
export function commitOf(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

/** The same for the same text of the same files, tests apart. */
function sourcesMark(): string {
  const files = sources.flatMap((pattern) => globSync(pattern, { cwd: checkout }));
  const hash = createHash("sha256");
  for (const file of files.toSorted()) {
    if (file.endsWith(".test.ts")) continue;
    hash.update(`${file}\0${readFileSync(path.join(checkout, file), "utf8")}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}
