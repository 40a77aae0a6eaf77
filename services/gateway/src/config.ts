/** Settings of the gateway; each is an environment variable, e.g. gatewayPort is WEFT_GATEWAY_PORT. */
import { z } from "zod";

const list = z
  .string()
  .default("")
  .transform((text) => text.split(",").filter((name) => name !== ""));

export const GatewayConfig = z.strictObject({
  gatewayHost: z.string().min(1).default("127.0.0.1").describe("address to listen on"),
  gatewayPort: z.coerce.number().int().min(0).max(65_535).default(8080).describe("0 takes a free one"),
  gatewayNames: list.describe("further names that callers may use in Host, with commas between"),
  joinHost: list.describe(
    "further addresses, with commas between, where hosts may join and nothing else is answered",
  ),
  joinNats: z.string().optional().describe("the bus as a host that joins reaches it (default: natsUrl)"),
  joinConsul: z.string().optional().describe("Consul, likewise (default: consulUrl)"),
  joinSouthbound: z
    .string()
    .optional()
    .describe("OVN's southbound database, likewise; without it no host can join"),
  joinUnderlayMtu: z.coerce
    .number()
    .int()
    .min(576)
    .max(65_535)
    .default(1500)
    .describe("of the links between the nodes"),
  tokenFile: z.string().min(1).describe("file that holds the bearer token; nobody but its owner may read it"),
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  consulUrl: z.string().default("http://127.0.0.1:8500"),
});
export type GatewayConfig = z.infer<typeof GatewayConfig>;
