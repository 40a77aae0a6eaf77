/** `weft help`: of the program, of a verb, or of a verb of a group such as `agent join`, which the parser's own help does not find. */
import type { Command } from "commander";
import { print } from "../print.ts";
import { UsageError } from "../usage-error.ts";

export function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command("help")
    .description("how a verb is used")
    .argument("[verb...]", "one of the verbs, e.g. get, or agent join")
    .action((words: readonly string[]) => print(helpOf(program, words)));
}

/** Throws UsageError for what is no verb. */
export function helpOf(program: Command, words: readonly string[]): string {
  const described = words.reduce((found, word) => {
    const next = found.commands.find((command) => command.name() === word);
    if (next === undefined) throw new UsageError(`there is no verb ${words.join(" ")}: see \`weft help\``);
    return next;
  }, program);
  return described.helpInformation();
}
