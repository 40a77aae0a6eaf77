/**
 * Which node's agent owns a workload or a shard now, as its placement says, and when a session with that agent is over
 * though it says nothing: its node is lost, or it was restarted and knows no session of before.
 */
import type { StatusWorld } from "@weft/decide";
import { WeftError, isInstance, nodeHealthKey, recordKey } from "@weft/schemas";
import type { RecordsPort } from "../ports.ts";

export type SessionKind = "workload" | "shard";

export interface Owner {
  readonly node: string;
  /** Of the agent; undefined while the gateway does not know its node's record. */
  readonly incarnation: string | undefined;
}

/** Throws when it is not there, not placed yet, or its node is lost. */
export function ownerOf(world: StatusWorld, kind: SessionKind, tenant: string, name: string): Owner {
  const placement = world.placements.get(recordKey(kind, tenant, name))?.value;
  if (placement === undefined || !isInstance(placement))
    throw new WeftError("not-found", `There is no ${kind} ${tenant}/${name} on any node.`);
  const { node } = placement;
  if (isLost(world, node))
    throw new WeftError("unavailable", `${kind} ${tenant}/${name} is on ${node}, which is lost.`);
  return { node, incarnation: incarnationOf(world, node) };
}

/** Calls `over` once, at once if it is so already. Take the owner before the agent is asked. Returns what stops the watch. */
export function whenAgentGoes(
  { records, owner }: { readonly records: RecordsPort; readonly owner: Owner },
  over: (why: string) => void,
): () => void {
  const look = () => {
    const why = whyGone(records.world(), owner);
    if (why === undefined) return;
    stop();
    over(why);
  };
  const stop = records.changed.subscribe(look);
  look();
  return stop;
}

function whyGone(world: StatusWorld, { node, incarnation }: Owner): string | undefined {
  if (isLost(world, node)) return `${node} is lost`;
  const now = incarnationOf(world, node);
  if (now === undefined || incarnation === undefined || now === incarnation) return undefined;
  return `the agent of ${node} was restarted`;
}

function isLost(world: StatusWorld, node: string): boolean {
  const health = world.health.get(nodeHealthKey(node))?.value;
  return health?.kind === "node" && health.state === "lost";
}

function incarnationOf(world: StatusWorld, node: string): string | undefined {
  return world.nodes.get(node)?.value.incarnation;
}
