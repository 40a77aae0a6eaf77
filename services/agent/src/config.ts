/** Configuration of the agent, read from the environment by main.ts: WEFT_NODE is `node`, and so on. */
import { Label, Runtime } from "@weft/schemas";
import { z } from "zod";

const seconds = z.coerce.number().int().min(1).max(10_000_000);

export const AgentConfig = z.strictObject({
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  consulUrl: z.string().default("http://127.0.0.1:8500"),
  node: Label.describe("this node's name"),
  nodeAddress: z.union([z.ipv4(), z.ipv6()]).describe("tunnel address"),
  ovsdb: z.string().default("unix:/var/run/openvswitch/db.sock").describe("the node's own ovsdb-server"),
  vswitchd: z
    .string()
    .default("ovs-vswitchd")
    .describe("the node's own switch, as `ovs-appctl -t` takes it: a daemon's name or its control socket"),
  stateDir: z.string().default("/var/lib/weft/agent").describe("what must outlive the agent"),
  datapath: z.enum(["system", "netdev"]).default("system").describe("of the node's bridges"),
  runtimes: z
    .string()
    .default("docker,namespace")
    .transform((text) => text.split(",").map((word) => word.trim()))
    .pipe(z.array(Runtime).min(1)),
  dockerSocket: z.string().default("/var/run/docker.sock"),
  membership: z.string().optional().describe("uid of the membership, where the node joined by a token"),
  lab: z.string().optional().describe("id of the lab that this node belongs to"),
  resyncMs: z.coerce.number().int().min(100).default(1_000).describe("deadlines are looked at this often"),
  lookMs: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(30_000)
    .describe("what the kernel does not tell is looked for this often in every namespace"),
  heartbeatMs: z.coerce.number().int().min(20).default(100),
  probeIntervalMs: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(200)
    .describe("a packet is sent through each shard this often"),
  detectionMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(1_000)
    .describe("as health has it: an answer that stays away for so long is told at once"),
  shimFlows: z.coerce
    .number()
    .int()
    .min(16)
    .max(16_777_216)
    .default(262_144)
    .describe("flows of each family that a shim remembers"),
  shimOpeningSeconds: seconds.default(30).describe("a shim remembers TCP that was only asked for"),
  shimEstablishedSeconds: seconds
    .default(7_500)
    .describe("TCP that talks; never less than the function itself"),
  shimClosingSeconds: seconds.default(120).describe("TCP after FIN or RST, likewise"),
  shimDatagramSeconds: seconds.default(300).describe("UDP, SCTP and ICMP, likewise"),
  shimOtherSeconds: seconds.default(600).describe("all other protocols, likewise"),
});
export type AgentConfig = z.infer<typeof AgentConfig>;
