/** The wall clock of one service jumps, and later jumps back. The lab must be up with WEFT_LAB_CLOCKS. */
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Field, Injection } from "./injection.ts";

const jumpsSeconds = [-86_400, -3_600, -45, -3, 3, 45, 3_600, 86_400] as const;

export function clockOf({ chance, folder }: Field): Injection {
  const clocks = path.join(folder, "clocks");
  const name = chance.oneOf(readdirSync(clocks).toSorted());
  const seconds = chance.oneOf(jumpsSeconds);
  const jump = seconds < 0 ? String(seconds) : `+${seconds}`;
  const set = (offset: string) => {
    writeFileSync(path.join(clocks, name), `${offset}\n`);
    return Promise.resolve(undefined);
  };
  return {
    kind: "clock",
    target: `${name} by ${jump} s`,
    forMs: chance.between(2_000, 15_000),
    begin: () => set(jump),
    heal: () => set("+0"),
  };
}
