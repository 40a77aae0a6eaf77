/** Verdicts on shards and nodes, situation by situation, and what holds in any of them. */
import type { HealthRecord, NodeRecord, PlacementRecord, SlotsRecord } from "@weft/schemas";
import { nodeHealthKey, recordKey, slotCount, slotsKey } from "@weft/schemas";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideVerdicts } from "./decide-verdicts.ts";
import type { ShardReport, VerdictSeen } from "./seen.ts";
import { defaultVerdictPolicy as policy } from "./seen.ts";
import type { VerdictStep } from "./step.ts";

const now = "2030-01-01T00:00:10.000Z";
const nowMs = 1_000_000;
const key = recordKey("shard", "demo", "fw-0");
const good: ShardReport = {
  tenant: "demo",
  name: "fw-0",
  placementUid: "p-1",
  running: true,
  wired: true,
  kernel: false,
  generation: 1,
  probeAgeMs: 100,
};

interface Situation {
  report?: Partial<ShardReport> | null;
  /** How long the shard was last named before the node's last heartbeat. */
  reportAgeMs?: number;
  beatAgeMs?: number;
  /** How long ago the agent's present incarnation was first heard. */
  agentAgeMs?: number;
  before?: "starting" | "ready" | "failed";
  generation?: number;
  uidBefore?: string;
  listeningMs?: number;
  nodes?: number;
  silentNodes?: number;
  silentMs?: number;
  /** It is leaving. `held`: flows of it are waited for; `free`: nobody needs it; `unnoted`: the slots do not say yet that it leaves. */
  leaving?: "held" | "free" | "unnoted";
}

function world(situation: Situation): VerdictSeen {
  const { beatAgeMs = 50, reportAgeMs = 0, before, report = {}, nodes = 3, silentNodes = 0 } = situation;
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
  const beatAge = (index: number) =>
    index === 0 ? beatAgeMs : index > nodes - 1 - silentNodes ? (situation.silentMs ?? 60_000) : 50;
  const placement = { kind: "shard", tenant: "demo", name: "fw-0", group: "fw", node: "node-1" };
  const verdict = {
    ...placement,
    placementUid: situation.uidBefore ?? "p-1",
    generation: before === "starting" ? 0 : 1,
    state: before,
    reason: before === "ready" ? "ProbePassed" : "ProbePending",
    message: "",
    since: "2030-01-01T00:00:00.000Z",
    ...(before === "starting" ? {} : { readyAt: "2030-01-01T00:00:00.000Z" }),
  } as HealthRecord;
  const placed = {
    ...placement,
    uid: "p-1",
    intentUid: "i-1",
    generation: situation.generation ?? 1,
    leaving: situation.leaving !== undefined,
  } as PlacementRecord;
  return {
    placements: new Map([[key, { value: placed, revision: 1 }]]),
    nodes: new Map(
      names.map((name) => [name, { value: { name, incarnation: "i" } as NodeRecord, revision: 1 }]),
    ),
    health: new Map<string, { value: HealthRecord; revision: number }>([
      ...(before === undefined ? [] : ([[key, { value: verdict, revision: 7 }]] as const)),
      ...names.map((name) => [nodeHealthKey(name), { value: nodeReady(name), revision: 3 }] as const),
    ]),
    slots: new Map([[slotsKey("demo", "fw"), { value: slotsOf(situation), revision: 1 }]]),
    beats: new Map(
      names.map((name, index) => [
        name,
        { atMs: nowMs - beatAge(index), incarnation: "i", sinceMs: nowMs - (situation.agentAgeMs ?? 50_000) },
      ]),
    ),
    reports:
      report === null
        ? new Map()
        : new Map([["p-1", { atMs: nowMs - beatAgeMs - reportAgeMs, report: { ...good, ...report } }]]),
    nowMs,
    listeningSinceMs: nowMs - (situation.listeningMs ?? 100_000),
  };
}

function slotsOf({ leaving }: Situation): SlotsRecord {
  const handoff = {
    id: 1,
    from: "fw-0",
    to: "fw-1",
    fromGone: false,
    slots: [1],
    phase: "drain" as const,
    startedAt: now,
    cause: "placements/demo.shard.fw-0@1",
  };
  return {
    tenant: "demo",
    group: "fw",
    groupUid: "i-1",
    version: 2,
    owners: Array.from({ length: slotCount }, () => "fw-1"),
    leaving: leaving === "unnoted" ? [] : [{ shard: "fw-0", placementUid: "p-1", revision: 1 }],
    nextHandoff: 2,
    handoffs: leaving === "held" ? [handoff] : [],
  };
}

function nodeReady(name: string): HealthRecord {
  return {
    kind: "node",
    name,
    state: "ready",
    incarnation: "i",
    reason: "Heartbeats",
    message: "",
    since: now,
  };
}

function verdictIn(situation: Situation): string {
  const step = decideVerdicts(world(situation), now, policy).find((each) => each.key === key);
  return step?.kind === "putShardHealth" ? `${step.record.state} ${step.record.reason}` : "unchanged";
}

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

describe("a node", () => {
  const nodeSteps = (seen: VerdictSeen): VerdictStep[] =>
    decideVerdicts(seen, now, policy).filter(({ kind }) => kind === "putNodeHealth");
  const states = (seen: VerdictSeen) =>
    nodeSteps(seen).map((step) =>
      step.kind === "putNodeHealth" ? `${step.record.name} ${step.record.state}` : "",
    );

  it("is lost after its silence, and back with its first heartbeat", () => {
    expect(states(world({ beatAgeMs: 2001 }))).toEqual(["node-1 lost"]);
    const seen = world({});
    const lost = { ...nodeReady("node-1"), state: "lost" } as HealthRecord;
    const health = new Map([...seen.health, [nodeHealthKey("node-1"), { value: lost, revision: 9 }]]);
    expect(states({ ...seen, health })).toEqual(["node-1 ready"]);
  });

  it("that was lost already does not stand for a silence of many", () => {
    const seen = world({ beatAgeMs: 3000, silentNodes: 1 });
    const lost = { ...nodeReady("node-3"), state: "lost" } as HealthRecord;
    const health = new Map([...seen.health, [nodeHealthKey("node-3"), { value: lost, revision: 9 }]]);
    expect(states({ ...seen, health })).toEqual(["node-1 lost"]);
  });

  describe("that is heard again first of more than half that were silent at once", () => {
    const again = (agoMs: number, judgedAgoMs = 60_000): VerdictSeen => {
      const seen = world({ beatAgeMs: 3000 });
      const since = new Date(nowMs - judgedAgoMs).toISOString();
      const verdict = { ...nodeReady("node-2"), since };
      const beat = { atMs: nowMs, incarnation: "i", sinceMs: 0, againMs: nowMs - agoMs };
      return {
        ...seen,
        health: new Map([...seen.health, [nodeHealthKey("node-2"), { value: verdict, revision: 3 }]]),
        beats: new Map([...seen.beats, ["node-2", beat]]),
      };
    };

    it("does not make the others lost, until they have had the loss time to be heard", () => {
      expect(states(again(policy.nodeLossMs))).toEqual([]);
      expect(states(again(policy.nodeLossMs + 1))).toEqual(["node-1 lost"]);
    });

    it("does not hold up the loss of another when it had been called lost itself", () => {
      expect(states(again(500, 400))).toEqual(["node-1 lost"]);
    });
  });

  it("is told anew when its agent was restarted", () => {
    const seen = world({});
    const beats = new Map([...seen.beats, ["node-2", { atMs: nowMs, incarnation: "later", sinceMs: nowMs }]]);
    expect(nodeSteps({ ...seen, beats })).toMatchObject([
      { record: { name: "node-2", incarnation: "later", since: now } },
    ]);
  });
});

describe("when the whole control plane comes back", () => {
  /** node-1 was not heard yet, the others began anew: `known` says since when by the record of whichever copy heard them first. */
  const back = (o: { readonly begun: number; readonly known?: number; readonly listeningMs?: number }) => {
    const seen = world({ before: "ready", report: null, listeningMs: o.listeningMs ?? 8_000 });
    const beats = new Map(
      ["node-2", "node-3"].map((name, index) => [
        name,
        { atMs: nowMs, incarnation: index < o.begun ? "later" : "i", sinceMs: nowMs - 3_000 },
      ]),
    );
    const health = new Map(seen.health);
    if (o.known !== undefined)
      for (const name of ["node-2", "node-3"])
        health.set(nodeHealthKey(name), {
          value: { ...nodeReady(name), incarnation: "later", agentSinceMs: o.known } as HealthRecord,
          revision: 9,
        });
    return { ...seen, beats, health };
  };
  const bad = (seen: VerdictSeen) =>
    decideVerdicts(seen, now, policy).flatMap((step) =>
      step.kind === "putNodeHealth" || step.kind === "putShardHealth"
        ? [`${step.record.name} ${step.record.state}`].filter((text) => /lost|failed/.test(text))
        : [],
    );

  it.each([
    ["nothing bad is said of a node whose agent comes later than most", back({ begun: 2 }), []],
    ["nor by a copy that takes over meanwhile", back({ begun: 2, known: nowMs - 15_000 }), []],
    [
      "but once they have been back for long",
      back({ begun: 2, known: nowMs - 15_001 }),
      ["node-1 lost", "fw-0 failed"],
    ],
    ["one agent that began anew is no return", back({ begun: 1 }), ["node-1 lost", "fw-0 failed"]],
    ["agents that only another copy hears now are none", back({ begun: 0 }), ["node-1 lost", "fw-0 failed"]],
    [
      "a clock that was set back prolongs nothing",
      back({ begun: 2, known: nowMs + 1 }),
      ["node-1 lost", "fw-0 failed"],
    ],
  ])("%s", (_, seen, verdicts) => {
    expect(bad(seen)).toEqual(verdicts);
  });

  it("a shard that its agent has not found again is not called failed, one that lets no probe pass is", () => {
    const seen = world({ before: "ready", report: { probeAgeMs: null }, agentAgeMs: 5_000 });
    const anew = (probeAgeMs: number | null) => {
      const beats = new Map([...seen.beats].map(([name, beat]) => [name, { ...beat, incarnation: "later" }]));
      const reports = new Map([["p-1", { atMs: nowMs, report: { ...good, probeAgeMs } }]]);
      return { ...seen, beats, reports };
    };
    expect(bad(seen)).toEqual(["fw-0 failed"]);
    expect(bad(anew(null))).toEqual([]);
    expect(bad(anew(1_001))).toEqual(["fw-0 failed"]);
  });

  it("since when an agent is there is written with its incarnation, and kept", () => {
    const [first] = decideVerdicts(back({ begun: 2 }), now, policy);
    expect(first).toMatchObject({ record: { name: "node-2", incarnation: "later", agentSinceMs: nowMs } });
    expect(
      decideVerdicts(world({ nodes: 1 }), now, policy).filter(({ kind }) => kind === "putNodeHealth"),
    ).toEqual([]);
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
