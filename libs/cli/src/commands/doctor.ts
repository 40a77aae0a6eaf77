/** `weft doctor`: what this machine has and lacks, and the command that mends it. Exit 1 when something lacks. */
import type { Command } from "commander";
import type { MachineRow } from "../../../../setup/doctor.mjs";
import { inspectMachine } from "../../../../setup/doctor.mjs";
import { addCommon, readOptions } from "../options.ts";
import { answerText } from "../output/show.ts";
import type { Column } from "../output/table.ts";
import { print } from "../print.ts";
import type { Leave } from "../program.ts";

const columns: readonly Column<MachineRow>[] = [
  { title: "", cell: ({ ok }) => (ok ? "ok" : "LACKS") },
  { title: "name", cell: ({ name }) => name },
  { title: "has", cell: ({ have }) => have },
  { title: "needs", cell: ({ need }) => need },
  { title: "mend by", cell: ({ mend }) => (mend === "" ? "-" : mend) },
];

export function addDoctor(program: Command, leave: Leave): void {
  addCommon(program.command("doctor"))
    .description("what this machine has and lacks, and how to mend it")
    .action(async (_options: unknown, command: Command) => {
      const { output } = readOptions(command, {});
      const rows = await inspectMachine();
      await print(answerText(output, { value: rows, columns, rows }, Date.now()));
      if (rows.some(({ ok }) => !ok)) leave(1);
    });
}
