/** Configuration of the scheduler, read from the environment by main.ts: WEFT_NATS_URL, WEFT_CONSUL_URL, WEFT_REPLACE_MS. */
import { defaultSchedulePolicy } from "@weft/decide";
import { z } from "zod";

export const SchedulerConfig = z.strictObject({
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  consulUrl: z.string().default("http://127.0.0.1:8500"),
  replaceMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400_000)
    .default(defaultSchedulePolicy.replaceMs)
    .describe("shards of a node that is lost for longer are placed on others"),
});
export type SchedulerConfig = z.infer<typeof SchedulerConfig>;
