/** `weft apply`: documents from files, applied all or none; a refusal points into the files. */
import { WeftError } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { locateFaults } from "../files/locate-faults.ts";
import { readFiles } from "../files/read-files.ts";
import { withTenant } from "../files/with-tenant.ts";
import { addCommon, clientOf, readOptions, usualTenant } from "../options.ts";
import { printAccepted } from "../output/print-accepted.ts";

export function addApply(program: Command): void {
  addCommon(program.command("apply"))
    .description("apply documents (YAML or JSON, many in one file), all or none")
    .requiredOption("-f, --filename <files...>", "files of documents; - is stdin")
    .option("--dry-run", "change nothing; print the steps that the services would take")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, {
        filename: z.array(z.string()),
        dryRun: z.boolean().default(false),
      });
      const { filename, dryRun } = options;
      const { documents, faults } = withTenant(await readFiles(filename), {
        tenant: options.tenant,
        usual: usualTenant(),
      });
      const accepted = await clientOf(options)
        .apply(
          documents.map(({ value }) => value),
          { dryRun: dryRun || faults.length > 0 },
        )
        .catch((error: unknown) => {
          throw error instanceof WeftError ? locateFaults(error, documents, faults) : error;
        });
      await printAccepted(options.output, accepted, dryRun);
    });
}
