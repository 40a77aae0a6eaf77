/** `weft down`: ends the lab and removes all that `up` made; prints what there was. */
import type { Leftover } from "@weft/lab";
import type { Command } from "commander";
import { z } from "zod";
import { addCommon, readOptions } from "../options.ts";
import { answerText } from "../output/show.ts";
import type { Column } from "../output/table.ts";
import { note, print } from "../print.ts";

const columns: readonly Column<Leftover>[] = [
  { title: "kind", cell: ({ kind }) => kind },
  { title: "name", cell: ({ name }) => name },
];

export function addDown(program: Command): void {
  addCommon(program.command("down"))
    .description("stop and remove all that `up` made")
    .option("--dry-run", "only list what would be removed")
    .action(async (_options: unknown, command: Command) => {
      const { dryRun, output } = readOptions(command, { dryRun: z.boolean().default(false) });
      const { stopLab } = await import("@weft/lab");
      const removed = await stopLab({ dryRun, onStep: note });
      if (output !== "table" || dryRun)
        return print(answerText(output, { value: removed, columns, rows: removed }, Date.now()));
      note(removed.length === 0 ? "There was no lab." : `Removed ${removed.length} things.`);
    });
}
