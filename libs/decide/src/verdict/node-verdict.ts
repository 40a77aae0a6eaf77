/** The verdict on a node: ready while its heartbeats come, lost once they stay away. */
import type { NodeHealth, NodeRecord } from "@weft/schemas";
import { nodeHealthKey, revisionId } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import type { VerdictPolicy, VerdictSeen } from "./seen.ts";
import type { Silence } from "./silence.ts";
import type { PutNodeHealth } from "./step.ts";

export function nodeVerdict(
  node: Found<NodeRecord> & { readonly key: string },
  { seen, silence, policy, now }: { seen: VerdictSeen; silence: Silence; policy: VerdictPolicy; now: string },
): PutNodeHealth[] {
  const { name, incarnation } = node.value;
  const key = nodeHealthKey(name);
  const found = seen.health.get(key);
  const before = found?.value.kind === "node" ? found.value : undefined;
  const beat = seen.beats.get(name);
  const silent = silence.silent.has(name);
  if (silent && (silence.frozen || silence.returning)) return [];
  if (!silent && beat === undefined) return [];
  const verdict = silent
    ? ({
        state: "lost",
        reason: "Silent",
        message: `no heartbeat for more than ${policy.nodeLossMs} ms`,
      } as const)
    : ({ state: "ready", reason: "Heartbeats", message: "its heartbeats come" } as const);
  const record: NodeHealth = {
    kind: "node",
    name,
    ...verdict,
    ...agentOf(beat?.incarnation ?? before?.incarnation ?? incarnation, before, seen.nowMs),
    since: before?.state === verdict.state ? before.since : now,
    cause: revisionId("nodes", node.key, node.revision),
  };
  if (before?.state === record.state && before.incarnation === record.incarnation) return [];
  return [{ kind: "putNodeHealth", key, record, ifRevision: found?.revision ?? 0, why: record.message }];
}

function agentOf(
  incarnation: string,
  before: NodeHealth | undefined,
  nowMs: number,
): Pick<NodeHealth, "incarnation" | "agentSinceMs"> {
  if (before === undefined) return { incarnation };
  const agentSinceMs = before.incarnation === incarnation ? before.agentSinceMs : nowMs;
  return agentSinceMs === undefined ? { incarnation } : { incarnation, agentSinceMs };
}
