/** `weft delete`: one document by name, or all of some files, all or none; a refusal points into the files. */
import type { Named } from "@weft/client";
import { WeftError, defaultTenant, kindNames, kindOf } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { inReadingOrder, locateFaults } from "../files/locate-faults.ts";
import { FileFaults, readFiles } from "../files/read-files.ts";
import type { LocatedFault, ReadDocument } from "../files/read-files.ts";
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
  const { documents, faults } = withTenant(await readFiles(files), {
    tenant: options.tenant,
    usual: usualTenant(),
  });
  const resources = readNames(documents, faults);
  return clientOf(options)
    .removeAll(resources, options)
    .catch((error: unknown) => {
      throw error instanceof WeftError ? locateFaults(error, documents) : error;
    });
}

const Names = z.object({
  kind: z.string().transform((word, context) => {
    const kind = kindOf(word);
    if (kind !== undefined) return kind;
    const message = `${word} is no kind known here; known are ${kindNames.join(", ")}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }),
  metadata: z.object({
    name: z.string(),
    // Another tenant than --tenant is a fault already, and the document has none here.
    tenant: z
      .string()
      .nullable()
      .transform((tenant) => tenant ?? defaultTenant)
      .default(defaultTenant),
  }),
});

/** What the documents name, or every fault of every one of them. */
function readNames(documents: readonly ReadDocument[], others: readonly LocatedFault[]): Named[] {
  const faults = [...others];
  const named = documents.flatMap((document): Named[] => {
    const { data, error } = Names.safeParse(document.value, { error: isNeeded });
    if (data !== undefined) return [{ kind: data.kind, ...data.metadata }];
    faults.push(
      ...error.issues.map(({ path, message }) => document.locate(path.map(String).join("."), message)),
    );
    return [];
  });
  if (faults.length === 0) return named;
  const message = "Not every document says what to delete; nothing was changed.";
  throw new FileFaults("invalid-document", message, inReadingOrder(faults, documents));
}

function isNeeded({ input }: { readonly input?: unknown }): string {
  return input === undefined
    ? "is required: what to delete is named by kind and metadata.name"
    : "must be a text: what to delete is named by kind and metadata.name";
}
