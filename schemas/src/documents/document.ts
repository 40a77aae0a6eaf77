/** A document of any kind that this version knows, and the kinds' names in every spelling that users type. */
import { z } from "zod";
import { isObject } from "./beside-faults.ts";
import { Chain } from "./chain.ts";
import { FunctionGroup } from "./function-group.ts";
import { Network } from "./network.ts";
import { NodePolicy } from "./node-policy.ts";
import { Workload } from "./workload.ts";

export const kindNames = ["Network", "Workload", "FunctionGroup", "Chain", "NodePolicy"] as const;
export type Kind = (typeof kindNames)[number];

export const Document = z.discriminatedUnion("kind", [Network, Workload, FunctionGroup, Chain, NodePolicy], {
  error: kindFault,
});
export type Document = z.infer<typeof Document>;

function kindFault({
  code,
  input,
}: {
  readonly code?: string;
  readonly input?: unknown;
}): string | undefined {
  if (code !== "invalid_union") return undefined;
  const known = kindNames.join(", ");
  return isObject(input) && input["kind"] === undefined
    ? `is required: one of ${known}`
    : `is no kind known here; known are ${known}`;
}

/** One row for each kind: its token in keys and subjects, its plural in URLs, and short names. */
export const kinds = {
  Network: { token: "network", plural: "networks", short: ["net"] },
  Workload: { token: "workload", plural: "workloads", short: ["wl"] },
  FunctionGroup: { token: "functiongroup", plural: "functiongroups", short: ["fg"] },
  Chain: { token: "chain", plural: "chains", short: ["ch"] },
  NodePolicy: { token: "nodepolicy", plural: "nodepolicies", short: ["np"] },
} as const satisfies Record<Kind, { token: string; plural: string; short: readonly string[] }>;

/** The kind that a word such as `fg`, `functiongroups` or `FunctionGroup` means, or undefined. */
export function kindOf(word: string): Kind | undefined {
  const lower = word.toLowerCase();
  return kindNames.find((kind) => {
    const { token, plural, short } = kinds[kind];
    return token === lower || plural === lower || short.some((name) => name === lower);
  });
}
