/** A node policy is ready when the node is as it says: at once for a cordon, for a drain once nothing is left that must move. */
import type { IntentRecord, NodePolicy } from "@weft/schemas";
import { drainWaitsFor } from "./node-drain.ts";
import type { Standing } from "./standing.ts";
import { readySince, waiting } from "./standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

export type NodePolicyIntent = StatusEntry<IntentRecord & { readonly document: NodePolicy }>;

export interface NodePolicyStatus {
  readonly standing: Standing;
  readonly fields: { readonly waitsFor: readonly string[] };
}

export function nodePolicyStatus(intent: NodePolicyIntent, world: StatusWorld): NodePolicyStatus {
  const { node, drain } = intent.value.document.spec;
  const waitsFor = drain ? drainWaitsFor(node, world) : [];
  return { standing: standingOf(intent, world, waitsFor), fields: { waitsFor } };
}

function standingOf(intent: NodePolicyIntent, world: StatusWorld, waitsFor: readonly string[]): Standing {
  const { node, unschedulable, drain } = intent.value.document.spec;
  if (!world.nodes.has(node)) return waiting("NodeMissing", `there is no node ${node}`, intent.at);
  if (waitsFor.length > 0) return waiting("Draining", waitsFor.join("; "), intent.at);
  if (drain) return readySince(`nothing is left on ${node} that must move`, [intent.at]);
  const message = unschedulable ? `nothing new is placed on ${node}` : `${node} takes what comes`;
  return readySince(message, [intent.at]);
}
