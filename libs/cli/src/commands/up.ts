/** `weft up`: a lab on this machine, in the background; prints where its parts listen once all are ready. */
import type { LabEndpoints } from "@weft/lab";
import { WeftError } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { wholeNumber, addCommon, readOptions } from "../options.ts";
import { answerText } from "../output/show.ts";
import type { Column } from "../output/table.ts";
import { note, print } from "../print.ts";

const columns: readonly Column<{ name: string; address: string }>[] = [
  { title: "name", cell: ({ name }) => name },
  { title: "address", cell: ({ address }) => address },
];

export function addUp(program: Command): void {
  addCommon(program.command("up"))
    .description("start a lab on this machine, in the background")
    .option("--nodes <number>", "how many nodes", "3")
    .option("--json", "print the endpoints as JSON, as -o json does")
    .action(async (_options: unknown, command: Command) => {
      const { nodes, json, output } = readOptions(command, {
        nodes: wholeNumber(1),
        json: z.boolean().default(false),
      });
      const endpoints = await start(nodes);
      const form = json ? "json" : output;
      await print(answerText(form, { value: endpoints, columns, rows: rowsOf(endpoints) }, Date.now()));
    });
}

async function start(nodes: number): Promise<LabEndpoints> {
  const { startLab } = await import("@weft/lab");
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (!interrupted.signal.aborted) note("Interrupted: removing what was started …");
      interrupted.abort();
    });
  const { endpoints } = await startLab({ nodes, signal: interrupted.signal, onStep: note });
  if (endpoints === undefined) throw new WeftError("internal", "The lab runs, but does not say where.");
  return endpoints;
}

function rowsOf({
  nodes,
  tokenFile,
  gateways = [],
  ...servers
}: LabEndpoints): { name: string; address: string }[] {
  const rows = Object.entries(servers).map(([name, address]) => ({
    name,
    address: name === "gateway" ? gateways.join(", ") : String(address),
  }));
  return [
    ...rows,
    ...nodes.map(({ name, address, namespace }) => ({
      name,
      address: `${address} (namespace ${namespace})`,
    })),
    { name: "token", address: tokenFile },
  ];
}
