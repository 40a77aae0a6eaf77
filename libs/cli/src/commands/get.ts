/** `weft get`: documents and rows of every kind, once or as they change. */
import type { WatchEvent } from "@weft/client";
import type { Command } from "commander";
import { stringify } from "yaml";
import { z } from "zod";
import { addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import type { Form } from "../output/show.ts";
import { answerText } from "../output/show.ts";
import { WatchTable } from "../output/watch-table.ts";
import { print } from "../print.ts";
import { readKind, readTarget } from "../target.ts";
import type { AnyKind } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import type { View } from "./views.ts";
import { allTenantsView, viewOf } from "./views.ts";

export function addGet(program: Command): void {
  addCommon(program.command("get"))
    .description("show resources")
    .argument(
      "<kind>",
      "networks, workloads, functiongroups (fg), chains, nodepolicies, shards, slots, handoffs, nodes, functions, services",
    )
    .argument("[name]", "one of them; of slots, the function group")
    .option("-w, --watch", "go on as they change")
    .option("-A, --all-tenants", "documents or shards of every tenant")
    .action(async (word: string, name: string | undefined, _options: unknown, command: Command) => {
      const options = readOptions(command, {
        watch: z.boolean().default(false),
        allTenants: z.boolean().default(false),
      });
      const client = clientOf(options);
      const asked = readAsked(word, name);
      if (options.allTenants && options.tenant !== undefined)
        throw new UsageError("get takes --tenant or --all-tenants, not both");
      const view = options.allTenants
        ? allTenantsView(client, asked)
        : viewOf(client, { ...asked, tenant: tenantOf(options) });
      await (options.watch ? follow(view, options.output) : show(view, options.output));
    });
}

async function show(view: View, form: Form): Promise<void> {
  const { value, rows } = await view.load();
  await print(answerText(form, { value, rows, columns: view.columns }, Date.now()));
}

async function follow({ watch }: View, form: Form): Promise<void> {
  if (watch === undefined) throw new UsageError("this kind cannot be watched");
  const table = new WatchTable(watch.columns);
  let first: unknown[] | undefined = form === "table" ? [] : undefined;
  for await (const change of watch.changes()) {
    if (change.type !== "SYNCED" && first !== undefined) first.push(change.item);
    else if (change.type !== "SYNCED") await print(changeText(form, change, table));
    else if (first !== undefined) {
      table.fit(first, Date.now());
      for (const row of first) await print(table.row(row, Date.now()));
      first = undefined;
    }
  }
}

function changeText(
  form: Form,
  change: Extract<WatchEvent<unknown>, { item: unknown }>,
  table: WatchTable<unknown>,
): string {
  if (form === "json") return `${JSON.stringify(change)}\n`;
  if (form === "yaml") return `---\n${stringify(change)}`;
  return table.row(change.item, Date.now(), change.type === "DELETED" ? "(deleted)" : "");
}

interface Asked {
  readonly kind: AnyKind;
  readonly name: string | undefined;
}

/** KIND, KIND NAME or KIND/NAME; and `slots fg/NAME`, since slots are those of a group. */
function readAsked(word: string, name: string | undefined): Asked {
  if (word.includes("/")) {
    if (name !== undefined) throw new UsageError("get takes KIND NAME or KIND/NAME, not both");
    return readTarget(word);
  }
  const kind = readKind(word);
  if (name?.includes("/") !== true) return { kind, name };
  const inner = readTarget(name);
  const ofGroup =
    "rows" in kind &&
    kind.rows === "slots" &&
    "document" in inner.kind &&
    inner.kind.document === "FunctionGroup";
  if (!ofGroup) throw new UsageError(`"${name}" is no name of ${word}`);
  return { kind, name: inner.name };
}
