/**
 * What is left in the records of who is gone: of a removed node that is silent, what it would have removed itself; and old tokens.
 * Pure; the intent service, which admits nodes, carries it out. Nothing of a node goes while a placement still names it.
 */
import { isInstance } from "@weft/schemas";
import { sortedByKey } from "../schedule/seen.ts";
import { isNodeRemoved, isSilent } from "./removed-nodes.ts";
import type { AccessSeen } from "./seen.ts";

export interface FarewellStep {
  readonly kind: "removeRealized" | "removeNode" | "forgetToken";
  readonly key: string;
  readonly ifRevision: number;
  readonly why: string;
}

/** Tokens that ended before `forgetBefore` (RFC 3339) are forgotten; until then who comes late is told why. */
export function decideFarewell(seen: AccessSeen, forgetBefore: string): FarewellStep[] {
  const carrying = new Set(
    [...seen.placements.values()].flatMap(({ value }) => (isInstance(value) ? [value.node] : [])),
  );
  const done = (node: string) =>
    isNodeRemoved(node, seen.access) && isSilent(node, seen) && !carrying.has(node);
  return [
    ...sortedByKey(seen.realized)
      .filter(([, { value }]) => done(value.node))
      .map(([key, { revision, value }]) =>
        step("removeRealized", key, revision, `${value.node} was removed`),
      ),
    ...sortedByKey(seen.nodes)
      .filter(([key]) => done(key))
      .map(([key, { revision }]) => step("removeNode", key, revision, "it was removed and is lost")),
    ...sortedByKey(seen.access)
      .filter(([, { value }]) => value.kind === "joinToken" && value.expiresAt < forgetBefore)
      .map(([key, { revision }]) => step("forgetToken", key, revision, "it ended long ago")),
  ];
}

function step(kind: FarewellStep["kind"], key: string, ifRevision: number, why: string): FarewellStep {
  return { kind, key, ifRevision, why };
}
