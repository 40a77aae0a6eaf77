/** Configuration of the scheduler, read from the environment by main.ts: WEFT_NATS_URL, WEFT_CONSUL_URL. */
import { z } from "zod";

export const SchedulerConfig = z.strictObject({
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  consulUrl: z.string().default("http://127.0.0.1:8500"),
});
export type SchedulerConfig = z.infer<typeof SchedulerConfig>;
