/** `weft trace`: each hop of a flow with the shard that handles it, both ways. */
import type { TraceHop } from "@weft/schemas";
import { TraceProtocol } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { wholeNumber, addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { answerText } from "../output/show.ts";
import type { Column } from "../output/table.ts";
import { print } from "../print.ts";

export const hopColumns: readonly Column<TraceHop>[] = [
  { title: "way", cell: ({ way }) => way },
  { title: "hop", cell: ({ hop }) => String(hop) },
  {
    title: "at",
    cell: ({ kind, name }) => (kind === "workload" || kind === "shard" ? `${kind}/${name}` : name),
  },
  { title: "group", cell: ({ functionGroup }) => functionGroup ?? "-" },
  { title: "node", cell: ({ node }) => node ?? "-" },
  { title: "address", cell: ({ address }) => address ?? "-" },
  { title: "slot", cell: ({ slot }) => (slot === null ? "-" : String(slot)) },
  { title: "why", cell: ({ why }) => why },
];

export function addTrace(program: Command): void {
  addCommon(program.command("trace"))
    .description("the shards that handle a flow, hop by hop and both ways, or where and why it is dropped")
    .requiredOption("--from <end>", "workload/NAME or an address")
    .requiredOption("--to <end>", "workload/NAME or an address")
    .option("--proto <protocol>", "tcp, udp, icmp or sctp", "tcp")
    .option("--sport <port>", "port of --from; needed where a group spreads by connection")
    .option("--dport <port>", "port of --to")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, {
        from: z.string(),
        to: z.string(),
        proto: TraceProtocol,
        sport: wholeNumber(1, 65_535).optional(),
        dport: wholeNumber(1, 65_535).optional(),
      });
      const { from, to, proto, sport, dport } = options;
      const found = await clientOf(options).trace(tenantOf(options), { from, to, proto, sport, dport });
      const view = { value: found, columns: hopColumns, rows: found.hops };
      const text = answerText(options.output, view, Date.now());
      await print(options.output === "table" ? `${found.outcome}: ${found.message}\n${text}` : text);
    });
}
