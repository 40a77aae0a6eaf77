/** Trace: by which shards a flow goes, both ways, as the records say. Asked of the gateway; nothing is sent into the network. */
import { z } from "zod";

/** Those that a chain can name. */
export const TraceProtocol = z.enum(["tcp", "udp", "icmp", "sctp"], {
  error: "must be tcp, udp, icmp or sctp",
});
const Port = z.coerce.number().int().min(1, "must be from 1 to 65535").max(65_535, "must be from 1 to 65535");

/** Parameters of the URL. An end is `workload/NAME` or an address. */
export const TraceQuery = {
  from: z.string().describe("workload/NAME or an address"),
  to: z.string().describe("workload/NAME or an address"),
  proto: TraceProtocol.default("tcp"),
  sport: Port.optional().describe("port of `from`"),
  dport: Port.optional().describe("port of `to`"),
} as const;

export type TraceProtocol = z.infer<typeof TraceProtocol>;

export const TraceEnd = z.object({
  workload: z.string().nullable().describe("null: an address that no workload has"),
  network: z.string(),
  address: z.string(),
  node: z.string().nullable(),
});
export type TraceEnd = z.infer<typeof TraceEnd>;

export const TraceHop = z.object({
  way: z.enum(["there", "back"]).describe("there: from `from` to `to`"),
  hop: z.number().int().describe("from 1, in the order of the way"),
  kind: z.enum(["workload", "address", "shard", "drop"]),
  name: z.string(),
  functionGroup: z.string().nullable(),
  node: z.string().nullable(),
  address: z.string().nullable().describe("where the packet enters it"),
  slot: z.number().int().nullable(),
  why: z.string(),
});
export type TraceHop = z.infer<typeof TraceHop>;

export const TraceView = z.object({
  from: TraceEnd,
  to: TraceEnd,
  protocol: TraceProtocol,
  sourcePort: z.number().int().nullable(),
  destinationPort: z.number().int().nullable(),
  chain: z.string().nullable(),
  outcome: z.enum(["link", "chain", "open", "dropped"]).describe("link: both are on one network"),
  message: z.string(),
  hops: z.array(TraceHop),
});
export type TraceView = z.infer<typeof TraceView>;
export type TraceAsked = z.output<z.ZodObject<typeof TraceQuery>>;
