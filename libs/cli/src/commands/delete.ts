/** `weft delete`: one document by name, or all of some files, those that need others first. */
import type { WeftClient } from "@weft/client";
import type { Kind } from "@weft/schemas";
import { WeftError, defaultTenant, kindOf, kinds } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { readFiles } from "../files/read-files.ts";
import type { ReadDocument } from "../files/read-files.ts";
import { withTenant } from "../files/with-tenant.ts";
import { addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { errorText } from "../output/print-error.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";
import type { Leave } from "../program.ts";
import { readDocumentTarget } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { changesText } from "./apply.ts";

interface Doomed {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
}

/** What stands earlier may need what stands later. */
const order: readonly Kind[] = ["Chain", "FunctionGroup", "Workload", "Network"];

export function addDelete(program: Command, leave: Leave): void {
  addCommon(program.command("delete"))
    .description("delete a document, or all that are in files")
    .argument("[target]", "KIND/NAME")
    .option("-f, --filename <files...>", "files of documents; - is stdin")
    .action(async (target: string | undefined, _options: unknown, command: Command) => {
      const options = readOptions(command, { filename: z.array(z.string()).optional() });
      const { filename, output } = options;
      if ((target === undefined) === (filename === undefined))
        throw new UsageError("delete takes either KIND/NAME or -f FILE");
      const doomed =
        target === undefined
          ? doomedIn(withTenant(await readFiles(filename ?? []), options.tenant))
          : [{ ...readDocumentTarget(target), tenant: tenantOf(options) }];
      if (!(await removeAll(clientOf(options), doomed, output))) leave(1);
    });
}

/** Goes on after a failure, so that one that is gone already does not keep the others; false when any failed. */
async function removeAll(
  client: WeftClient,
  doomed: readonly Doomed[],
  output: "table" | "json" | "yaml",
): Promise<boolean> {
  let ok = true;
  for (const { kind, tenant, name } of doomed)
    try {
      const accepted = await client.remove(kind, tenant, name);
      await print(output === "table" ? changesText(accepted) : valueText(output, accepted));
    } catch (error) {
      if (!(error instanceof WeftError)) throw error;
      if (doomed.length > 1) process.stderr.write(`${kinds[kind].token}/${name}: `);
      process.stderr.write(errorText(error));
      ok = false;
    }
  return ok;
}

const Named = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), tenant: z.string().default(defaultTenant) }),
});

function doomedIn(documents: readonly ReadDocument[]): Doomed[] {
  const doomed = documents.map((document): Doomed => {
    const parsed = Named.safeParse(document.value);
    const kind = parsed.success ? kindOf(parsed.data.kind) : undefined;
    if (!parsed.success || kind === undefined)
      throw new WeftError("invalid-document", "A document does not say what to delete.", {
        faults: [document.locate("", "needs a kind and a metadata.name")],
      });
    return { kind, ...parsed.data.metadata };
  });
  return doomed.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}
