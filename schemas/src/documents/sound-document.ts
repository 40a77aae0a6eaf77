/**
 * What can be read of a document that has faults: the fields that are sound by themselves, to be held against other documents.
 * A field with a fault counts as not given, an element of a list with a fault is undefined in its place.
 */
import { z } from "zod";
import { sound } from "./beside-faults.ts";
import { SoundChainSpec } from "./chain.ts";
import type { Kind } from "./document.ts";
import { kindNames } from "./document.ts";
import { SoundFunctionGroupSpec } from "./function-group.ts";
import { SoundMetadata } from "./metadata.ts";
import { SoundNetworkSpec } from "./network.ts";
import { SoundNodePolicySpec } from "./node-policy.ts";
import { SoundWorkloadSpec } from "./workload.ts";

const soundSpecs = {
  Network: SoundNetworkSpec,
  Workload: SoundWorkloadSpec,
  FunctionGroup: SoundFunctionGroupSpec,
  Chain: SoundChainSpec,
  NodePolicy: SoundNodePolicySpec,
} as const satisfies Record<Kind, z.ZodType>;

const SoundFrame = z.object({
  kind: sound(z.enum(kindNames)),
  metadata: SoundMetadata,
  spec: z.unknown(),
});

export type SoundSpec<K extends Kind> = z.infer<(typeof soundSpecs)[K]>;
export type SoundSpecOf = { readonly [K in Kind]: { readonly kind: K; readonly spec: SoundSpec<K> } }[Kind];

export interface SoundDocument {
  readonly metadata: z.infer<typeof SoundMetadata>;
  /** Undefined where the kind cannot be read. */
  readonly content: SoundSpecOf | undefined;
}

/** Undefined for what is no object, and so no document at all. */
export function readSoundDocument(document: unknown): SoundDocument | undefined {
  const { data } = SoundFrame.safeParse(document);
  if (data === undefined) return undefined;
  return {
    metadata: data.metadata,
    content: data.kind === undefined ? undefined : contentOf(data.kind, data.spec),
  };
}

function contentOf(kind: Kind, spec: unknown): SoundSpecOf {
  switch (kind) {
    case "Network":
      return { kind, spec: SoundNetworkSpec.parse(spec) };
    case "Workload":
      return { kind, spec: SoundWorkloadSpec.parse(spec) };
    case "FunctionGroup":
      return { kind, spec: SoundFunctionGroupSpec.parse(spec) };
    case "Chain":
      return { kind, spec: SoundChainSpec.parse(spec) };
    case "NodePolicy":
      return { kind, spec: SoundNodePolicySpec.parse(spec) };
  }
}
