/** `weft apply`: documents from files, applied all or none; a refusal points into the files. */
import type { Accepted } from "@weft/schemas";
import { WeftError, kindOf, kinds } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { locateFaults } from "../files/locate-faults.ts";
import { readFiles } from "../files/read-files.ts";
import { withTenant } from "../files/with-tenant.ts";
import { addCommon, clientOf, readOptions } from "../options.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";

export function addApply(program: Command): void {
  addCommon(program.command("apply"))
    .description("apply documents (YAML or JSON, many in one file), all or none")
    .requiredOption("-f, --filename <files...>", "files of documents; - is stdin")
    .option("--dry-run", "only say what would be done")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, {
        filename: z.array(z.string()),
        dryRun: z.boolean().default(false),
      });
      const { filename, dryRun, output } = options;
      const documents = withTenant(await readFiles(filename), options.tenant);
      const accepted = await clientOf(options)
        .apply(
          documents.map(({ value }) => value),
          { dryRun },
        )
        .catch((error: unknown) => {
          throw error instanceof WeftError ? locateFaults(error, documents) : error;
        });
      await print(output === "table" ? changesText(accepted, dryRun) : valueText(output, accepted));
    });
}

/** One line a document: network/inside created. */
export function changesText({ documents }: Accepted, dryRun = false): string {
  return documents
    .map(({ kind, name, change }) => `${tokenOf(kind)}/${name} ${change}${dryRun ? " (dry run)" : ""}\n`)
    .join("");
}

function tokenOf(word: string): string {
  const kind = kindOf(word);
  return kind === undefined ? word.toLowerCase() : kinds[kind].token;
}
