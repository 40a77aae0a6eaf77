/** Configuration of health: WEFT_NATS_URL, WEFT_CONSUL_URL, WEFT_NODE_LOSS_MS, WEFT_DETECTION_MS, WEFT_DISBELIEF_MS, WEFT_HOLD_MS. */
import { defaultVerdictPolicy } from "@weft/decide";
import { z } from "zod";

export const HealthConfig = z.strictObject({
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  consulUrl: z.string().default("http://127.0.0.1:8500"),
  nodeLossMs: z.coerce
    .number()
    .int()
    .min(200)
    .max(600_000)
    .default(defaultVerdictPolicy.nodeLossMs)
    .describe("a node that is silent for longer is lost"),
  detectionMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(defaultVerdictPolicy.detectionMs)
    .describe("a shard whose last probe passed longer ago has failed"),
  disbeliefMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400_000)
    .default(defaultVerdictPolicy.disbeliefMs)
    .describe("for so long nobody is called lost while more than half of the nodes are silent"),
  holdMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(120_000)
    .default(defaultVerdictPolicy.holdMs)
    .describe(
      "a shard that failed twice lately is held back for so long, and twice as long after each further failure",
    ),
});
export type HealthConfig = z.infer<typeof HealthConfig>;
