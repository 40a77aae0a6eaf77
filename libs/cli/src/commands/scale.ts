/** `weft scale`: another number of shards for a function group. */
import type { Command } from "commander";
import { WholeNumber, addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";
import { readDocumentTarget } from "../target.ts";
import { UsageError } from "../usage-error.ts";

export function addScale(program: Command): void {
  addCommon(program.command("scale"))
    .description("change the number of a function group's shards")
    .argument("<target>", "fg/NAME")
    .requiredOption("--replicas <number>", "how many shards, 1 to 64")
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = readOptions(command, { replicas: WholeNumber });
      const { kind, name } = readDocumentTarget(target);
      if (kind !== "FunctionGroup")
        throw new UsageError(`"${target}" is no function group: this takes fg/NAME`);
      const resource = await clientOf(options).scale(tenantOf(options), name, options.replicas);
      await print(
        options.output === "table"
          ? `functiongroup/${name} scaled to ${options.replicas}\n`
          : valueText(options.output, resource),
      );
    });
}
