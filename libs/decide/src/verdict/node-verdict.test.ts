/** Verdicts on nodes, alone, many at once, and when the whole control plane comes back. */
import type { HealthRecord } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { decideVerdicts } from "./decide-verdicts.ts";
import type { VerdictSeen } from "./seen.ts";
import { defaultVerdictPolicy as policy } from "./seen.ts";
import type { VerdictStep } from "./step.ts";
import { now, nowMs, good, world, nodeReady } from "./situation.test-kit.ts";

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
