/** `weft events`: the CloudEvents, newest last; with --follow each as it comes. */
import type { WeftEvent } from "@weft/schemas";
import type { Command } from "commander";
import { stringify } from "yaml";
import { z } from "zod";
import { addCommon, clientOf, readOptions, usualTenant } from "../options.ts";
import { ageOf } from "../output/age.ts";
import { answerText } from "../output/show.ts";
import type { Column } from "../output/table.ts";
import { WatchTable } from "../output/watch-table.ts";
import { print } from "../print.ts";

export const eventColumns: readonly Column<WeftEvent>[] = [
  { title: "age", cell: ({ time }, now) => ageOf(time, now) },
  { title: "type", cell: ({ type }) => type.replace(/^dev\.weft\./, "") },
  { title: "subject", cell: ({ subject }) => subject },
  { title: "what", cell: ({ data }) => whatText(data) },
];

export function addEvents(program: Command): void {
  addCommon(program.command("events"))
    .description("what happened, newest last (of all tenants, unless --tenant or WEFT_TENANT is given)")
    .option("-f, --follow", "go on as they come")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, { follow: z.boolean().default(false) });
      const { output, tenant = usualTenant(), follow } = options;
      const client = clientOf(options);
      if (!follow) {
        const events = await client.events({ tenant });
        return print(answerText(output, { value: events, columns: eventColumns, rows: events }, Date.now()));
      }
      const table = new WatchTable(eventColumns);
      for await (const event of client.followEvents({ tenant })) {
        if (output === "json") await print(`${JSON.stringify(event)}\n`);
        else if (output === "yaml") await print(`---\n${stringify(event)}`);
        else await print(table.row(event, Date.now()));
      }
    });
}

/** Plain fields of an event's data, as key=value. */
function whatText(data: WeftEvent["data"]): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== "" && typeof value !== "object")
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");
}
