/**
 * The verdict on a shard. Ready: it runs, its configuration is loaded and a probe passed through it just now.
 * Before the first pass it is starting, after it failed. A new configuration that is not live yet fails nobody:
 * the shard still works by its old one; but it becomes ready the first time only with the one that its placement carries.
 * A function that the kernel carries out does not fail with its process: packets pass as before while its namespace is there.
 * One that leaves is judged like any other for as long as others need it: it owns slots, or flows of it are waited for.
 * An agent that was restarted has seen no probe and may know no shard yet: until it has had its time, that fails nobody either.
 */
import type { NodeRecord, ShardHealth, ShardPlacement } from "@weft/schemas";
import { instantMs, revisionId } from "@weft/schemas";
import { mayLeave } from "../provision/may-leave.ts";
import type { Found } from "../schedule/seen.ts";
import type { NodeBeat, SeenReport, VerdictPolicy, VerdictSeen } from "./seen.ts";
import { withHold } from "./hold.ts";
import type { Verdict } from "./hold.ts";
import type { Silence } from "./silence.ts";
import type { PutShardHealth } from "./step.ts";

/** Why it does not serve yet changes four times within tenths of a second, and each verdict wakes all who follow them: that is told later. */
const startingMs = 1_000;

interface At {
  readonly seen: VerdictSeen;
  readonly silence: Silence;
  readonly policy: VerdictPolicy;
  readonly now: string;
}

export function shardVerdict(
  { key, value: placement, revision }: Found<ShardPlacement> & { readonly key: string },
  at: At,
): PutShardHealth[] {
  const { slots } = at.seen;
  // Its agent takes it away, or will: that it ends is the plan, and it serves nobody, also when a node comes back with it.
  if (mayLeave({ placement, revision }, { get: (group) => slots.get(group)?.value })) return [];
  const found = at.seen.health.get(key);
  const before = verdictBefore(found?.value, placement.uid);
  const seenReport = at.seen.reports.get(placement.uid);
  const judged = verdictOf(placement, { before, seenReport, at });
  if (judged === undefined) return [];
  const verdict = withHold(judged, { before, nowMs: at.seen.nowMs, holdMs: at.policy.holdMs });
  if (verdict.state === "failed" && at.silence.frozen) return [];
  const ready = verdict.state === "ready";
  const record: ShardHealth = {
    kind: "shard",
    tenant: placement.tenant,
    name: placement.name,
    group: placement.group,
    node: placement.node,
    placementUid: placement.uid,
    generation: ready ? (seenReport?.report.generation ?? 0) : (before?.generation ?? 0),
    ...verdict,
    since: before?.state === verdict.state ? before.since : at.now,
    ...readyAtOf(before, ready ? at.now : undefined),
    cause: causeOf(verdict, { key, revision, node: at.seen.nodes.get(placement.node) }),
  };
  if (before !== undefined && (sameVerdict(before, record) || isStartingStill(before, record, at.now)))
    return [];
  const ifRevision = found?.revision ?? 0;
  return [{ kind: "putShardHealth", key, record, ifRevision, why: verdict.message }];
}

/** A lost node is behind what it takes along; else it is the placement that the shard runs by. */
function causeOf(
  { reason }: Verdict,
  from: { readonly key: string; readonly revision: number; readonly node: Found<NodeRecord> | undefined },
): string {
  return reason === "NodeLost" && from.node !== undefined
    ? revisionId("nodes", from.node.value.name, from.node.revision)
    : revisionId("placements", from.key, from.revision);
}

function verdictBefore(
  value: Found<ShardHealth | { kind: "node" }>["value"] | undefined,
  uid: string,
): ShardHealth | undefined {
  return value?.kind === "shard" && value.placementUid === uid ? value : undefined;
}

/** Undefined: nothing is known that would change the verdict. */
function verdictOf(
  placement: ShardPlacement,
  { before, seenReport, at }: { before: ShardHealth | undefined; seenReport: SeenReport | undefined; at: At },
): Verdict | undefined {
  const { seen, silence, policy } = at;
  const passedOnce = before?.readyAt !== undefined;
  const bad = passedOnce ? "failed" : "starting";
  if (silence.silent.has(placement.node))
    return before === undefined || silence.returning
      ? undefined
      : { state: "failed", reason: "NodeLost", message: `${placement.node} is silent` };
  if (seenReport === undefined)
    return before === undefined ||
      silence.returning ||
      seen.nowMs - seen.listeningSinceMs <= policy.detectionMs
      ? undefined
      : { state: bad, reason: "NotReported", message: `${placement.node} does not report it` };
  const beat = seen.beats.get(placement.node);
  const isNew = beat !== undefined && seen.nowMs - beat.sinceMs <= policy.detectionMs;
  if (before !== undefined && beat !== undefined && (isNew || silence.returning))
    if (knowsNothingYet(seenReport, beat)) return undefined;
  const beatMs = beat?.atMs ?? seenReport.atMs;
  // The agent still beats but leaves the shard out: a restarted one needs a moment to find it again.
  if (beatMs - seenReport.atMs > policy.detectionMs)
    return { state: bad, reason: "NotReported", message: `${placement.node} does not report it any more` };
  return reportedVerdict(placement, { before, seenReport, policy, bad });
}

/** What a new incarnation says, or leaves out, of a shard that it has not found again. */
function knowsNothingYet({ atMs, report }: SeenReport, beat: NodeBeat): boolean {
  const { running, wired, generation, probeAgeMs } = report;
  return atMs < beat.sinceMs || !running || !wired || generation === 0 || probeAgeMs === null;
}

function reportedVerdict(
  placement: ShardPlacement,
  at: {
    before: ShardHealth | undefined;
    seenReport: SeenReport;
    policy: VerdictPolicy;
    bad: "failed" | "starting";
  },
): Verdict {
  const { running, wired, kernel, generation, probeAgeMs } = at.seenReport.report;
  const state = at.bad;
  if (!wired) return { state, reason: "NotWired", message: "its network namespace or a link of it is gone" };
  const worksOn = running || (kernel && at.before?.readyAt !== undefined);
  if (!worksOn) return { state, reason: "NotRunning", message: "its function does not run" };
  const needed = at.before?.readyAt === undefined ? placement.generation : 1;
  if (generation < needed)
    return {
      state,
      reason: "ConfigPending",
      message: `it runs generation ${generation} of its configuration, ${needed} is needed`,
    };
  if (probeAgeMs === null)
    return { state, reason: "ProbePending", message: "no probe has passed through it yet" };
  if (probeAgeMs > at.policy.detectionMs)
    return {
      state,
      reason: "ProbeLost",
      message: `no probe passed through it for more than ${at.policy.detectionMs} ms`,
    };
  return running
    ? { state: "ready", reason: "ProbePassed", message: "its probe passes through it" }
    : {
        state: "ready",
        reason: "KernelWorksOn",
        message:
          "its process ended and is started again; the kernel works on by its rules, and its probe passes",
      };
}

function readyAtOf(before: ShardHealth | undefined, now: string | undefined): { readyAt?: string } {
  const readyAt = before?.readyAt ?? now;
  return readyAt === undefined ? {} : { readyAt };
}

function isStartingStill(before: ShardHealth, { state, node }: ShardHealth, now: string): boolean {
  const isStarting = before.state === "starting" && state === "starting" && before.node === node;
  return isStarting && Math.abs(instantMs(now) - instantMs(before.since)) < startingMs;
}

/** A message alone is worth a write only where the reason differs too. */
function sameVerdict(a: ShardHealth, b: ShardHealth): boolean {
  return a.state === b.state && a.reason === b.reason && a.generation === b.generation && a.node === b.node;
}
