/** Which nodes health calls lost, for all that decide from its verdicts. A node without a verdict is not lost: it was never heard. */
import type { HealthRecord, NodeHealth } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";

type Verdicts = ReadonlyMap<string, { readonly value: HealthRecord }>;

export function isNodeLost(node: string, health: Verdicts): boolean {
  return lossOf(node, health) !== undefined;
}

/** The verdict that says so; undefined while the node is not lost. */
export function lossOf(node: string, health: Verdicts): NodeHealth | undefined {
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost" ? verdict : undefined;
}
