/** Prints what became of a change: the documents in a table, the whole answer else; of a dry run the plan, or its steps alone. */
import type { Accepted } from "@weft/schemas";
import { print } from "../print.ts";
import { changesText } from "./changes-text.ts";
import { planText } from "./plan-text.ts";
import type { Form } from "./show.ts";
import { valueText } from "./show.ts";

export async function printAccepted(form: Form, accepted: Accepted, dryRun: boolean): Promise<void> {
  if (form !== "table") return print(valueText(form, dryRun ? (accepted.steps ?? []) : accepted));
  return print(dryRun ? planText(accepted, Date.now()) : changesText(accepted));
}
