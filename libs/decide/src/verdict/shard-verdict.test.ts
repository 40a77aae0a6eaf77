/** Verdicts on shards, situation by situation, and on what is gone. */
import { describe, expect, it } from "vitest";
import { decideVerdicts } from "./decide-verdicts.ts";
import { defaultVerdictPolicy as policy } from "./seen.ts";
import type { Situation } from "./situation.test-kit.ts";
import { now, key, world, verdictIn } from "./situation.test-kit.ts";

describe("a shard", () => {
  it.each<[claim: string, situation: Situation, verdict: string]>([
    ["is ready once it runs, is configured and lets a probe pass", {}, "ready ProbePassed"],
    ["starts while nothing passed through it", { report: { probeAgeMs: null } }, "starting ProbePending"],
    ["starts while its configuration is not loaded", { report: { generation: 0 } }, "starting ConfigPending"],
    ["starts while its function does not run", { report: { running: false } }, "starting NotRunning"],
    ["has no verdict before its agent speaks of it", { report: null }, "unchanged"],
    ["stays ready without a write", { before: "ready" }, "unchanged"],
    ["fails when probes stop passing", { before: "ready", report: { probeAgeMs: 1001 } }, "failed ProbeLost"],
    ["does not fail at the bound", { before: "ready", report: { probeAgeMs: 1000 } }, "unchanged"],
    [
      "does not fail when a process ends whose work the kernel does",
      { before: "ready", report: { running: false, kernel: true } },
      "ready KernelWorksOn",
    ],
    [
      "fails when such a one lets no probe pass",
      { before: "ready", report: { running: false, kernel: true, probeAgeMs: 1001 } },
      "failed ProbeLost",
    ],
    [
      "starts while such a process never ran",
      { report: { running: false, kernel: true } },
      "starting NotRunning",
    ],
    [
      "fails when its namespace goes, whoever does its work and however fresh its probe is",
      { before: "ready", report: { wired: false, kernel: true } },
      "failed NotWired",
    ],
    ["fails when its function stops", { before: "ready", report: { running: false } }, "failed NotRunning"],
    ["is ready again when probes pass again", { before: "failed" }, "ready ProbePassed"],
    [
      "stays ready while a newer configuration is on its way",
      { before: "ready", generation: 2 },
      "unchanged",
    ],
    [
      "comes back with the configuration that it has",
      { before: "failed", generation: 2 },
      "ready ProbePassed",
    ],
    [
      "becomes ready only with the wanted one",
      { before: "starting", generation: 2 },
      "starting ConfigPending",
    ],
    [
      "does not tell at first how far it is",
      { before: "starting", since: "2030-01-01T00:00:09.001Z", report: { running: false } },
      "unchanged",
    ],
    [
      "tells after a second why it has not begun to serve",
      { before: "starting", since: "2030-01-01T00:00:09.000Z", report: { running: false } },
      "starting NotRunning",
    ],
    [
      "is ready as soon as it is",
      { before: "starting", since: "2030-01-01T00:00:09.999Z" },
      "ready ProbePassed",
    ],
    ["tells of the new configuration", { before: "ready", report: { generation: 2 } }, "ready ProbePassed"],
    [
      "does not fail by ending when it may leave: its agent takes it away",
      { before: "ready", leaving: "free", report: { running: false } },
      "unchanged",
    ],
    [
      "fails while it drains like any other",
      { before: "ready", leaving: "held", report: { wired: false } },
      "failed NotWired",
    ],
    [
      "fails while it drains when probes stop passing",
      { before: "ready", leaving: "held", report: { probeAgeMs: 1001 } },
      "failed ProbeLost",
    ],
    [
      "fails while the slots do not say yet that it leaves",
      { before: "ready", leaving: "unnoted", report: { running: false } },
      "failed NotRunning",
    ],
    [
      "does not serve again when its node comes back with it after it was given up",
      { before: "failed", leaving: "free" },
      "unchanged",
    ],
    ["fails with its node", { before: "ready", beatAgeMs: 2001 }, "failed NodeLost"],
    [
      "keeps its verdict while its node is late but not lost",
      { before: "ready", beatAgeMs: 1900 },
      "unchanged",
    ],
    [
      "fails when its agent leaves it out for long",
      { before: "ready", reportAgeMs: 1001 },
      "failed NotReported",
    ],
    ["does not when it is left out for a moment", { before: "ready", reportAgeMs: 900 }, "unchanged"],
    ...(["ready", "failed"] as const).flatMap((before) =>
      [{ probeAgeMs: null }, { running: false }, { generation: 0 }].map(
        (report): [string, Situation, string] => [
          `that was ${before} keeps that while its restarted agent finds it again: ${JSON.stringify(report)}`,
          { before, report, agentAgeMs: 1000 },
          "unchanged",
        ],
      ),
    ),
    [
      "keeps its verdict while its restarted agent does not name it yet",
      { before: "ready", reportAgeMs: 1500, agentAgeMs: 1000 },
      "unchanged",
    ],
    [
      "fails when its restarted agent has found none that lets a probe pass",
      { before: "ready", report: { probeAgeMs: null }, agentAgeMs: 1001 },
      "failed ProbePending",
    ],
    [
      "fails when its restarted agent finds it stopped",
      { before: "ready", report: { running: false }, agentAgeMs: 1001 },
      "failed NotRunning",
    ],
    [
      "fails at once when a restarted agent tells of a probe that passed long ago",
      { before: "ready", report: { probeAgeMs: 1001 }, agentAgeMs: 500 },
      "failed ProbeLost",
    ],
    [
      "is ready at once when a restarted agent's probe passes",
      { before: "failed", agentAgeMs: 100 },
      "ready ProbePassed",
    ],
    [
      "begins with starting also under an agent that has just begun",
      { report: { probeAgeMs: null }, agentAgeMs: 100 },
      "starting ProbePending",
    ],
    [
      "begins anew under a new placement",
      { before: "ready", uidBefore: "p-0", report: { probeAgeMs: null } },
      "starting ProbePending",
    ],
    [
      "does not fail before health has listened long enough",
      { before: "ready", report: { probeAgeMs: 5000 }, listeningMs: 900 },
      "unchanged",
    ],
    [
      "does not fail when most nodes fall silent at once",
      { before: "ready", beatAgeMs: 3000, silentNodes: 1 },
      "unchanged",
    ],
    [
      "fails with most nodes once their silence lasts too long to be disbelieved",
      { before: "ready", beatAgeMs: 122_001, listeningMs: 200_000, silentNodes: 1, silentMs: 122_001 },
      "failed NodeLost",
    ],
    [
      "does not before that",
      { before: "ready", beatAgeMs: 122_001, listeningMs: 200_000, silentNodes: 1, silentMs: 122_000 },
      "unchanged",
    ],
    [
      "does not fail on a lone node that falls silent",
      { before: "ready", beatAgeMs: 3000, nodes: 1 },
      "unchanged",
    ],
  ])("%s", (_claim, situation, verdict) => {
    expect(verdictIn(situation)).toBe(verdict);
  });

  it("keeps the time of its first readiness", () => {
    const [step] = decideVerdicts(world({ before: "failed" }), now, policy);
    expect(step).toMatchObject({
      record: { readyAt: "2030-01-01T00:00:00.000Z", since: now },
      ifRevision: 7,
    });
  });
});

describe("verdicts on what is gone", () => {
  it("go", () => {
    const seen = { ...world({ before: "ready" }), placements: new Map(), nodes: new Map() };
    expect(decideVerdicts(seen, now, policy).map((step) => `${step.kind} ${step.key}`)).toEqual([
      "removeHealth _.node.node-1",
      "removeHealth _.node.node-2",
      "removeHealth _.node.node-3",
      `removeHealth ${key}`,
    ]);
  });
});
