/** Which nodes were removed: nothing is placed on them, what stands there must leave, and nobody waits for one that is lost. */
import type { AccessRecord, HealthRecord, NodeRecord } from "@weft/schemas";
import { nodeAccessKey, nodeHealthKey } from "@weft/schemas";
import type { Records } from "../schedule/seen.ts";

export function removedNodes(access: Records<AccessRecord>): Set<string> {
  return new Set(
    [...access.values()].flatMap(({ value }) =>
      value.kind === "node" && value.removedAt !== undefined ? [value.node] : [],
    ),
  );
}

export function isNodeRemoved(node: string, access: Records<AccessRecord>): boolean {
  const value = access.get(nodeAccessKey(node))?.value;
  return value?.kind === "node" && value.removedAt !== undefined;
}

/** Its agent will not tell any more what became of anything: it has said goodbye, or it is lost. */
export function isSilent(
  node: string,
  seen: { readonly nodes: Records<NodeRecord>; readonly health: Records<HealthRecord> },
): boolean {
  if (!seen.nodes.has(node)) return true;
  const verdict = seen.health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost";
}
