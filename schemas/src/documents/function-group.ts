/** FunctionGroup: n identical shards of one function, behaving as one. */
import { z } from "zod";
import { GroupName } from "../names.ts";
import { Bitrate, Bytes, Cpu, Duration } from "../quantities.ts";
import { documentOf, Metadata } from "./metadata.ts";
import { Image, Runtime } from "./workload.ts";

export const Affinity = z.enum(["client", "connection"]);
export type Affinity = z.infer<typeof Affinity>;

export const Resources = z.strictObject({
  cpu: Cpu.optional(),
  memory: Bytes.optional(),
  bandwidth: Bitrate.optional().describe(
    "bounds both interfaces; a CPU quota does not bound forwarding in the kernel",
  ),
});

export const FunctionGroupSpec = z.strictObject({
  function: z.string().min(1).describe("a name from the catalogue"),
  runtime: Runtime.default("docker"),
  image: Image.optional().describe("instead of the function's own"),
  replicas: z
    .number()
    .int("must be a whole number")
    .min(1, "must be from 1 to 64")
    .max(64, "must be from 1 to 64")
    .default(1),
  affinity: Affinity.default("client"),
  resources: Resources.default({}),
  drain: z
    .strictObject({ timeout: z.union([Duration, z.literal("never")]).default("10m") })
    .default({ timeout: "10m" })
    .describe("how long connections are kept once their slot has moved; read, not yet acted upon"),
  config: z.record(z.string(), z.unknown()).default({}).describe("typed by the function"),
});
export const FunctionGroup = documentOf("FunctionGroup", FunctionGroupSpec).extend({
  metadata: Metadata.extend({ name: GroupName }),
});
export type FunctionGroupSpec = z.infer<typeof FunctionGroupSpec>;
export type FunctionGroup = z.infer<typeof FunctionGroup>;
