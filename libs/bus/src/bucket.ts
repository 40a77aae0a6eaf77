/**
 * The records of each bucket as this library handles them: which stream, which subjects, which schema.
 * Reads schemas' table of buckets.
 * What the records mean is left to whoever reads them.
 */
import type { BucketName, Records } from "@weft/schemas";
import { buckets } from "@weft/schemas";
import type { z } from "zod";

const schemas: { readonly [N in BucketName]: z.ZodType<Records[N]> } = {
  intents: buckets.intents.schema,
  placements: buckets.placements.schema,
  realized: buckets.realized.schema,
  nodes: buckets.nodes.schema,
  slots: buckets.slots.schema,
  stitched: buckets.stitched.schema,
  health: buckets.health.schema,
  shims: buckets.shims.schema,
  access: buckets.access.schema,
};

export const bucketNames = Object.keys(schemas) as BucketName[];

export function schemaOf<N extends BucketName>(name: N): z.ZodType<Records[N]> {
  return schemas[name];
}

export function streamOf(name: BucketName): string {
  return `KV_${buckets[name].bucket}`;
}

export function prefixOf(name: BucketName): string {
  return `$KV.${buckets[name].bucket}.`;
}
