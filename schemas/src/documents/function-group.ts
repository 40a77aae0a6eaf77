/** FunctionGroup: n identical shards of one function, behaving as one. */
import { z } from "zod";
import { GroupName } from "../names.ts";
import { Bitrate, Bytes, Cpu, Duration, durationSeconds, durationWords, isDuration } from "../quantities.ts";
import { besideFaults, isObject, sound } from "./beside-faults.ts";
import { documentOf, Metadata } from "./metadata.ts";
import { Image, Runtime } from "./workload.ts";

export const Affinity = z.enum(["client", "connection"]);
export type Affinity = z.infer<typeof Affinity>;

/** What becomes of a crashed shard's connections: they end with it, or its peers, who have their state too, go on with them. */
export const GroupState = z.enum(["local", "replicated"]);
export type GroupState = z.infer<typeof GroupState>;

export const Resources = z.strictObject({
  cpu: Cpu.optional(),
  memory: Bytes.optional(),
  bandwidth: Bitrate.optional().describe(
    "bounds both interfaces; a CPU quota does not bound forwarding in the kernel",
  ),
});

const Share = z.union(
  [
    z.number().int("must be a whole number").min(0, "must be from 0 to 64").max(64, "must be from 0 to 64"),
    z.string().regex(/^(?:\d{1,2}|100)%$/, "must be from 0% to 100%"),
  ],
  { error: 'must be a number of shards from 0 to 64, or a share of them such as "25%"' },
);

/** How shards are replaced by others: of another image, another function, other resources, on another node. */
export const Update = z
  .strictObject({
    maxSurge: Share.default(1).describe(
      "so many shards more than `replicas` at a time; a share is rounded up",
    ),
    maxUnavailable: Share.default(0).describe(
      "so many fewer than `replicas`, only where no new shard has room beside the old ones; a share is rounded down",
    ),
    deadline: Duration.refine(isSecondOrMore, "must be at least 1s")
      .default("2m")
      .describe("a new shard that is not ready by then takes the group back to what was ready before"),
  })
  .superRefine(({ maxSurge, maxUnavailable }, context) => {
    const none = (share: unknown) => share === 0 || share === "0%";
    if (none(maxSurge) && none(maxUnavailable))
      context.addIssue({
        code: "custom",
        path: ["maxUnavailable"],
        message: "must be more than 0 where maxSurge is 0: else no shard could ever be replaced",
      });
  }, besideFaults(isObject));
export type Update = z.infer<typeof Update>;

/** A text of another form has that fault already. */
function isSecondOrMore(text: string): boolean {
  return !isDuration(text) || durationSeconds(text) >= 1;
}

const usualUpdate: Update = { maxSurge: 1, maxUnavailable: 0, deadline: "2m" };

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
    .strictObject({
      timeout: z
        .union([Duration, z.literal("never")], { error: `${durationWords}, or never` })
        .default("10m"),
    })
    .default({ timeout: "10m" })
    .describe(
      "how long a shard that leaves keeps its connections; `0s`: slots move at once, and what was open in them breaks",
    ),
  state: GroupState.default("local").describe(
    "replicated: the state of each shard's connections is kept at its peers, which go on with them when it crashes",
  ),
  update: Update.default(usualUpdate),
  config: z.record(z.string(), z.unknown()).default({}).describe("typed by the function"),
});
const { function: functionName, runtime, image, state, config } = FunctionGroupSpec.shape;
/** What can be read of a spec with faults. */
export const SoundFunctionGroupSpec = z
  .object({
    function: sound(functionName),
    runtime: sound(runtime),
    image: sound(image),
    state: sound(state),
    config: sound(config),
  })
  .catch({});
export const FunctionGroup = documentOf("FunctionGroup", FunctionGroupSpec).extend({
  metadata: Metadata.extend({ name: GroupName }),
});
export type FunctionGroupSpec = z.infer<typeof FunctionGroupSpec>;
export type FunctionGroup = z.infer<typeof FunctionGroup>;
