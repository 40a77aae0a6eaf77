/** One shard on the first of some nodes, and what was heard of them: the situations that verdicts are tested in. */
import type { HealthRecord, NodeRecord, PlacementRecord, SlotsRecord } from "@weft/schemas";
import { nodeHealthKey, recordKey, slotCount, slotsKey } from "@weft/schemas";
import { decideVerdicts } from "./decide-verdicts.ts";
import type { ShardReport, VerdictSeen } from "./seen.ts";
import { defaultVerdictPolicy as policy } from "./seen.ts";

export const now = "2030-01-01T00:00:10.000Z";
export const nowMs = 1_000_000;
export const key = recordKey("shard", "demo", "fw-0");
export const good: ShardReport = {
  tenant: "demo",
  name: "fw-0",
  placementUid: "p-1",
  running: true,
  wired: true,
  kernel: false,
  generation: 1,
  probeAgeMs: 100,
};

export interface Situation {
  report?: Partial<ShardReport> | null;
  /** How long the shard was last named before the node's last heartbeat. */
  reportAgeMs?: number;
  beatAgeMs?: number;
  /** How long ago the agent's present incarnation was first heard. */
  agentAgeMs?: number;
  before?: "starting" | "ready" | "failed";
  /** RFC 3339; ten seconds ago. */
  since?: string;
  generation?: number;
  uidBefore?: string;
  listeningMs?: number;
  nodes?: number;
  silentNodes?: number;
  silentMs?: number;
  /** It is leaving. `held`: flows of it are waited for; `free`: nobody needs it; `unnoted`: the slots do not say yet that it leaves. */
  leaving?: "held" | "free" | "unnoted";
}

export function world(situation: Situation): VerdictSeen {
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
    since: situation.since ?? "2030-01-01T00:00:00.000Z",
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

export function nodeReady(name: string): HealthRecord {
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

export function verdictIn(situation: Situation): string {
  const step = decideVerdicts(world(situation), now, policy).find((each) => each.key === key);
  return step?.kind === "putShardHealth" ? `${step.record.state} ${step.record.reason}` : "unchanged";
}
