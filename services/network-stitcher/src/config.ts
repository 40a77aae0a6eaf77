/** Configuration of the network-stitcher: WEFT_NATS_URL, WEFT_CONSUL_URL, WEFT_NORTHBOUND, WEFT_SOUTHBOUND. */
import { z } from "zod";

export const StitcherConfig = z.strictObject({
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  consulUrl: z.string().default("http://127.0.0.1:8500"),
  northbound: z
    .string()
    .default("tcp:127.0.0.1:6641")
    .describe("OVN's northbound database: unix:PATH or tcp:HOST:PORT, several by commas"),
  southbound: z.string().default("tcp:127.0.0.1:6642").describe("likewise"),
});
export type StitcherConfig = z.infer<typeof StitcherConfig>;
