/** A name that a document gives must be there after the request, or come with it. */
import type { Kind } from "@weft/schemas";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { WantedWorld } from "./wanted-world.ts";

const words = {
  Network: "network",
  Workload: "workload",
  FunctionGroup: "function group",
  Chain: "chain",
  NodePolicy: "node policy",
} as const satisfies Record<Kind, string>;

export function checkReference(
  world: WantedWorld,
  kind: Kind,
  at: { readonly tenant: string; readonly name: string | undefined; readonly path: string },
): Finding[] {
  if (at.name === undefined || world.find(kind, at.tenant, at.name) !== undefined) return [];
  return [
    finding("invalid-document", at.path, `there is no ${words[kind]} ${at.name} in the tenant ${at.tenant}`),
  ];
}
