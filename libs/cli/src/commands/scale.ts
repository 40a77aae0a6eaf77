/** `weft scale`: another number of shards for a function group. */
import type { Command } from "commander";
import { z } from "zod";
import { wholeNumber, addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { printAccepted } from "../output/print-accepted.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";
import { readDocumentTarget } from "../target.ts";
import { UsageError } from "../usage-error.ts";

export function addScale(program: Command): void {
  addCommon(program.command("scale"))
    .description("change the number of a function group's shards")
    .argument("<target>", "fg/NAME")
    .requiredOption("--replicas <number>", "how many shards, 1 to 64")
    .option("--dry-run", "change nothing; print the steps that the services would take")
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = readOptions(command, {
        replicas: wholeNumber(1, 64),
        dryRun: z.boolean().default(false),
      });
      const { kind, name } = readDocumentTarget(target);
      if (kind !== "FunctionGroup")
        throw new UsageError(`"${target}" is no function group: this takes fg/NAME`);
      const [client, tenant, { replicas }] = [clientOf(options), tenantOf(options), options];
      if (options.dryRun) {
        const plan = await client.planPatch(kind, tenant, name, { spec: { replicas } });
        return printAccepted(options.output, plan, true);
      }
      const resource = await client.scale(tenant, name, replicas);
      await print(
        options.output === "table"
          ? `functiongroup/${name} scaled to ${replicas}\n`
          : valueText(options.output, resource),
      );
      return undefined;
    });
}
