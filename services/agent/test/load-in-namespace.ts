/**
 * load-in-namespace.test.ts runs this inside a network namespace of its own: loads each of the configurations in its argument, one
 * after the other, and prints a JSON line for each: what it came to, what was printed as in force, and whether packets may pass.
 */
import { readFileSync } from "node:fs";
import { WeftError } from "@weft/schemas";
import type { ShardPlacement } from "@weft/schemas";
import { loadConfig } from "../src/load-config.ts";

let opened = false;
for (const placement of JSON.parse(process.argv[2] ?? "[]") as ShardPlacement[]) {
  let outcome: unknown;
  let inForce: readonly string[] = [];
  try {
    inForce = await loadConfig(placement, { namespacePath: `/proc/${process.pid}/ns/net`, opened });
    opened = true;
    outcome = "loaded";
  } catch (cause) {
    outcome = cause instanceof WeftError ? { code: cause.code, faults: cause.faults } : String(cause);
  }
  const forwards = readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim() === "1";
  process.stdout.write(`${JSON.stringify({ outcome, inForce, forwards })}\n`);
}
