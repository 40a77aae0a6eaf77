import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Bench } from "./bench.ts";
import type { BenchResult } from "./report.ts";
import { runBenches } from "./run.ts";

const top = path.join(import.meta.dirname, "../../..");

/** A bench whose figure is 1 and whose bound is `limit`. */
const benchOf = (name: string, limit: number): Bench => ({
  name,
  compares: "one with its limit",
  bounds: [{ figure: "one", plus: limit }],
  measure: () =>
    Promise.resolve({ figures: { one: { unit: "count", runs: [1, 1, 1] } }, facts: { peer: "9.9" } }),
});
const broken: Bench = { ...benchOf("broken", 2), measure: () => Promise.reject(new Error("no such peer")) };

async function run(...benches: Bench[]) {
  const printed: string[] = [];
  const said: string[] = [];
  const kept: BenchResult[] = [];
  const code = await runBenches(benches, {
    print: (text) => void printed.push(text),
    say: (line) => void said.push(line),
    keep: (result) => void kept.push(result),
  });
  return { code, kept, printed: printed.join("\n"), said: said.join("\n") };
}

describe("a run of benches", () => {
  it("ends with 0 within all bounds, and keeps figures, facts and the machine's measure", async () => {
    const { code, kept, printed } = await run(benchOf("quick", 2));
    expect(code).toBe(0);
    expect(kept[0]).toMatchObject({
      bench: "quick",
      facts: { peer: "9.9" },
      figures: { one: { unit: "count", median: 1, runs: [1, 1, 1] } },
      bounds: [{ bound: "one ≤ 2", value: 1, limit: 2, holds: true }],
    });
    expect(Object.keys(kept[0]?.machine ?? {})).toContain("cores");
    expect(printed).toContain("holds  one ≤ 2");
  });

  it("ends with 1 beyond a bound, after the other benches were measured and kept", async () => {
    const { code, kept, printed } = await run(benchOf("slow", 0.5), benchOf("quick", 2));
    expect(code).toBe(1);
    expect(kept.map(({ bench }) => bench)).toEqual(["slow", "quick"]);
    expect(printed).toContain("BEYOND  one ≤ 0.5");
  });

  it("ends with 1 when a bench breaks, says why and goes on", async () => {
    const { code, kept, said } = await run(broken, benchOf("quick", 2));
    expect(code).toBe(1);
    expect(kept.map(({ bench }) => bench)).toEqual(["quick"]);
    expect(said).toContain("broken broke: Error: no such peer");
  });

  it("of several rounds judges and keeps what each gave, also beyond a bound, and tells of those that broke", async () => {
    const given = [1, 3, undefined, 2];
    const unsteady: Bench = {
      ...benchOf("unsteady", 2),
      bounds: [{ figure: "one", plus: 2, by: "worst" }],
      measure: () => {
        const value = given.shift();
        if (value === undefined) return Promise.reject(new Error("no such peer"));
        return Promise.resolve({ figures: { one: { unit: "count", runs: [value] } } });
      },
    };
    const kept: BenchResult[] = [];
    const quiet = () => undefined;
    const keep = (result: BenchResult) => void kept.push(result);
    expect(await runBenches([unsteady], { rounds: 4, print: quiet, say: quiet, keep })).toBe(1);
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({
      facts: { "rounds that broke": 1 },
      figures: { one: { median: 2, runs: [1, 3, 2] } },
      bounds: [{ value: 3, holds: false }],
    });
  });
});

describe("npm run bench", () => {
  it("with a name that there is not ends with 2, lists those that there are, and touches nothing", () => {
    const { status, stderr } = spawnSync(process.execPath, [path.join(top, "setup/bench.mjs"), "none"], {
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain("no such bench: none");
    for (const file of readdirSync(path.join(top, "test/bench")).filter((name) => name.endsWith(".ts")))
      expect(stderr).toContain(path.basename(file, ".ts"));
  });
});
