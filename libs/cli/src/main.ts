/** The `weft` command: reads its arguments, runs one verb, leaves with 0 done, 1 refused or failed, 2 wrongly used. */
import { CommanderError } from "commander";
import { errorText } from "./output/print-error.ts";
import { print } from "./print.ts";
import { createProgram } from "./program.ts";
import { UsageError } from "./usage-error.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read the answer has gone (`weft get … | head`): nothing is left to say.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

let code = 0;
const program = createProgram((exitCode) => {
  code = exitCode;
});
try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(errorText(error));
    code = error instanceof UsageError ? 2 : 1;
  }
}
await print("");
process.exit(code);
