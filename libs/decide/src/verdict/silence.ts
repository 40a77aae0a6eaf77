/**
 * Silence of nodes: who is silent for too long, and whether that may be believed.
 * When more than half of the nodes that were heard fall silent at once, the fault is rather on this side (or the bus):
 * then no node is declared lost and no shard failed until it is clear again, or until it has lasted too long to be disbelieved.
 * It is not clear with the first that is heard again: the others come back within the loss time, or are lost indeed.
 * When the agents of more than half of the nodes that are heard began anew just now, everything comes back, some later than others.
 */
import { instantMs, nodeHealthKey } from "@weft/schemas";
import type { VerdictPolicy, VerdictSeen } from "./seen.ts";

export interface Silence {
  readonly silent: ReadonlySet<string>;
  /** No bad verdict may be given now. */
  readonly frozen: boolean;
  /** Agents are coming back: that one is not heard yet, or has not found its shards again, tells nothing. */
  readonly returning: boolean;
}

/** How much later than most an agent may come back: busy machines start everything at once. */
const returnMs = 15_000;

export function silenceOf(seen: VerdictSeen, policy: VerdictPolicy): Silence {
  const names = [...seen.nodes.values()].map(({ value }) => value.name);
  const silent = new Set(names.filter((name) => ageMs(name, seen) > policy.nodeLossMs));
  const counted = names.filter((name) => !isLost(name, seen));
  const fallen = counted.filter((name) => silent.has(name) || isJustBack(name, seen, policy));
  // Who has just begun to listen has heard nobody, whoever there is.
  const early = seen.nowMs - seen.listeningSinceMs < Math.max(policy.detectionMs, policy.nodeLossMs);
  const heard = names.filter((name) => !silent.has(name) && seen.beats.has(name));
  const begun = heard.filter((name) => hasBegunLately(name, seen));
  return {
    silent,
    frozen: early || isDisbelieved(counted, fallen, { seen, policy }),
    returning: begun.length * 2 > heard.length,
  };
}

/** The time of this incarnation, by the record of whichever copy heard it first; a node's first one of all is no return. */
function hasBegunLately(node: string, { beats, health, nowMs }: VerdictSeen): boolean {
  const verdict = health.get(nodeHealthKey(node))?.value;
  if (verdict?.kind !== "node") return false;
  if (verdict.incarnation !== beats.get(node)?.incarnation) return true;
  const ageMs = nowMs - (verdict.agentSinceMs ?? -Infinity);
  return ageMs >= 0 && ageMs <= returnMs;
}

/** From when more than half had fallen silent. */
function isDisbelieved(
  counted: readonly string[],
  fallen: readonly string[],
  { seen, policy }: { readonly seen: VerdictSeen; readonly policy: VerdictPolicy },
): boolean {
  if (fallen.length * 2 <= counted.length) return false;
  const oldestFirst = fallen.map((name) => ageMs(name, seen)).toSorted((a, b) => b - a);
  const sinceMs = (oldestFirst[Math.floor(counted.length / 2)] ?? 0) - policy.nodeLossMs;
  return sinceMs <= policy.disbeliefMs;
}

/** It was silent for too long, was not called lost for it, and is heard again since less than the loss time. */
function isJustBack(
  node: string,
  { beats, health, nowMs }: VerdictSeen,
  { nodeLossMs }: Pick<VerdictPolicy, "nodeLossMs">,
): boolean {
  const againMs = beats.get(node)?.againMs;
  if (againMs === undefined || nowMs - againMs > nodeLossMs) return false;
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict !== undefined && instantMs(verdict.since) < againMs;
}

function ageMs(node: string, { beats, nowMs, listeningSinceMs }: VerdictSeen): number {
  return nowMs - Math.max(beats.get(node)?.atMs ?? 0, listeningSinceMs);
}

function isLost(node: string, { health }: VerdictSeen): boolean {
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost";
}
