/**
 * Faults let loose on a lab under traffic while an operator works: it converges, nothing acknowledged is lost, nothing is left over.
 * A minute of it, half an hour in the long run, which keeps what it injected; both print it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { extent, longRun } from "@weft/testkit";
import { expect, it } from "vitest";
import { begun, faultsOf, runNemesis } from "../nemesis/run.ts";
import { top } from "./command-line.ts";

const seed = 20_261;
const ms = extent({ bounded: 60_000, full: 30 * 60_000 });

it(
  "holds under kills, pauses, partitions, a full disk and clocks that jump, and finds what was taken away behind its back",
  { timeout: ms + 600_000 },
  async () => {
    const lines: string[] = [];
    const result = await runNemesis({ ms, seed, betray: true, say: (line) => lines.push(line) });
    if (longRun) {
      mkdirSync(join(top, "test/long"), { recursive: true });
      writeFileSync(join(top, "test/long/nemesis.json"), `${JSON.stringify(result, undefined, 2)}\n`);
    }
    process.stdout.write(`${lines.join("\n")}\n`);
    const kinds = new Set(begun(result).map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(["clock", "disk full", "kill", "partition", "pause"]);
    expect(result.operator.acknowledged).toBeGreaterThan(0);
    expect(faultsOf(result), lines.join("\n")).toEqual([
      "lost: workload/extra-1 is not there, and was acknowledged as there",
    ]);
    expect(result.traffic["stays"]?.opened).toBe(40);
    expect(result.traffic["stays"]?.wrong).toBe(0);
  },
);
