/** `weft delete`: one document by name, or all of some files, all or none; a refusal points into the files. */
import type { Named } from "@weft/client";
import { WeftError, defaultTenant, kindOf } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { locateFaults } from "../files/locate-faults.ts";
import { readFiles } from "../files/read-files.ts";
import type { ReadDocument } from "../files/read-files.ts";
import { withTenant } from "../files/with-tenant.ts";
import type { CommonOptions } from "../options.ts";
import { addCommon, clientOf, readOptions, tenantOf, usualTenant } from "../options.ts";
import { printAccepted } from "../output/print-accepted.ts";
import { readDocumentTarget } from "../target.ts";
import { UsageError } from "../usage-error.ts";

export function addDelete(program: Command): void {
  addCommon(program.command("delete"))
    .description("delete a document, or all that are in files, all or none")
    .argument("[target]", "KIND/NAME")
    .option("-f, --filename <files...>", "files of documents; - is stdin")
    .option("--dry-run", "change nothing; print the steps that the services would take")
    .action(async (target: string | undefined, _options: unknown, command: Command) => {
      const options = readOptions(command, {
        filename: z.array(z.string()).optional(),
        dryRun: z.boolean().default(false),
      });
      const { filename, dryRun, output } = options;
      if ((target === undefined) === (filename === undefined))
        throw new UsageError("delete takes either KIND/NAME or -f FILE");
      const accepted =
        target === undefined ? await removeFiles(filename ?? [], options) : await removeOne(target, options);
      await printAccepted(output, accepted, dryRun);
    });
}

type Options = CommonOptions & { readonly dryRun: boolean };

function removeOne(target: string, options: Options) {
  const { kind, name } = readDocumentTarget(target);
  return clientOf(options).remove(kind, tenantOf(options), name, options);
}

async function removeFiles(files: readonly string[], options: Options) {
  const documents = withTenant(await readFiles(files), { tenant: options.tenant, usual: usualTenant() });
  const resources = documents.map(namedIn);
  return clientOf(options)
    .removeAll(resources, options)
    .catch((error: unknown) => {
      throw error instanceof WeftError ? locateFaults(error, documents) : error;
    });
}

const Document = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), tenant: z.string().default(defaultTenant) }),
});

function namedIn(document: ReadDocument): Named {
  const parsed = Document.safeParse(document.value);
  const kind = parsed.success ? kindOf(parsed.data.kind) : undefined;
  if (!parsed.success || kind === undefined)
    throw new WeftError("invalid-document", "A document does not say what to delete.", {
      faults: [document.locate("", "needs a kind and a metadata.name")],
    });
  const { name, tenant } = parsed.data.metadata;
  return { kind, name, tenant };
}
