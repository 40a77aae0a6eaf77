/** What holds of verdicts in any situation. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideVerdicts } from "./decide-verdicts.ts";
import { defaultVerdictPolicy as policy } from "./seen.ts";
import { now, key, world, verdictIn } from "./situation.test-kit.ts";

describe("in any situation", () => {
  const situations = fc.record({
    report: fc.option(
      fc.record({
        running: fc.boolean(),
        wired: fc.boolean(),
        kernel: fc.boolean(),
        generation: fc.nat(2),
        probeAgeMs: fc.option(fc.nat(3000), { nil: null }),
      }),
      { nil: null },
    ),
    beatAgeMs: fc.nat(4000),
    reportAgeMs: fc.nat(2000),
    agentAgeMs: fc.nat(2000),
    generation: fc.integer({ min: 1, max: 2 }),
    listeningMs: fc.nat(6000),
    nodes: fc.integer({ min: 1, max: 5 }),
    silentNodes: fc.nat(3),
  });
  const states = fc.constantFrom("starting" as const, "ready" as const, "failed" as const, undefined);

  it("the same look decides nothing more once its steps are carried out", () => {
    fc.assert(
      fc.property(situations, states, (situation, before) => {
        const seen = world({ ...situation, ...(before === undefined ? {} : { before }) });
        const health = new Map(seen.health);
        for (const step of decideVerdicts(seen, now, policy))
          if (step.kind === "removeHealth") health.delete(step.key);
          else health.set(step.key, { value: step.record, revision: 20 });
        const again = decideVerdicts({ ...seen, health }, now, policy);
        expect(again.filter((step) => step.key === key)).toEqual([]);
      }),
    );
  });

  it("a shard that leaves is judged like any other until nobody needs it, and then not at all", () => {
    const standing = fc.constantFrom("held" as const, "unnoted" as const);
    fc.assert(
      fc.property(situations, states, standing, (situation, before, leaving) => {
        const at = { ...situation, ...(before === undefined ? {} : { before }) };
        expect(verdictIn({ ...at, leaving })).toBe(verdictIn(at));
        expect(verdictIn({ ...at, leaving: "free" })).toBe("unchanged");
      }),
    );
  });

  it("ready means that it runs, is configured and a probe passed just now", () => {
    fc.assert(
      fc.property(situations, states, (situation, before) => {
        const verdict = verdictIn({ ...situation, ...(before === undefined ? {} : { before }) });
        if (!verdict.startsWith("ready")) return;
        expect(situation.report?.running || situation.report?.kernel).toBe(true);
        expect(situation.report?.wired).toBe(true);
        expect(situation.report?.generation).toBeGreaterThan(0);
        expect(situation.report?.probeAgeMs).toBeLessThanOrEqual(policy.detectionMs);
      }),
    );
  });
});
