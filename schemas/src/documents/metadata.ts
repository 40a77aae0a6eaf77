/**
 * What every document begins with: its version, its name and its tenant.
 * The read-only fields are let in so that a document read back can be applied again; only `revision` is looked at.
 */
import { z } from "zod";
import { Label, defaultTenant } from "../names.ts";
import { sound } from "./beside-faults.ts";

export const apiVersion = "weft.dev/v1";

export const ApiVersion = z.literal(apiVersion, { error: `the only apiVersion known here is ${apiVersion}` });

const LabelKey = z
  .string()
  .regex(
    /^[A-Za-z0-9]([-A-Za-z0-9_./]{0,61}[A-Za-z0-9])?$/,
    "must be a label's key: at most 63 letters, digits, '-', '_', '.' and '/', beginning and ending with a letter or digit",
  );
const LabelValue = z
  .string()
  .max(63, "must have at most 63 characters")
  .regex(/^[-A-Za-z0-9_.]*$/, "may hold letters, digits, '-', '_' and '.'");

export const Metadata = z.strictObject({
  name: Label,
  tenant: Label.optional(),
  labels: z.record(LabelKey, LabelValue).optional(),
  uid: z.string().optional(),
  generation: z.number().int().optional(),
  revision: z
    .number()
    .int()
    .optional()
    .describe("when given, the change is refused unless this is the current revision"),
  createdAt: z.string().optional(),
});

/** What can be read of metadata with faults, so far as it says which resource is meant; no tenant is one that cannot be read. */
export const SoundMetadata = z
  .object({
    name: sound(Label),
    tenant: sound(Label.default(defaultTenant)),
    revision: sound(z.number().int()),
  })
  .catch({});

/** The frame that all documents share, around a kind and its spec. */
export function documentOf<Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) {
  return z.strictObject({
    apiVersion: ApiVersion.default(apiVersion),
    kind: z.literal(kind),
    metadata: Metadata,
    spec,
    status: z.unknown().optional().describe("read-only; ignored when applied"),
  });
}
