/** An answer in the form that was asked for: a table, JSON or YAML. Pure but for writing it to stdout. */
import { stringify } from "yaml";
import type { Column } from "./table.ts";
import { tableText } from "./table.ts";

export const forms = ["table", "json", "yaml"] as const;
export type Form = (typeof forms)[number];

export function valueText(form: "json" | "yaml", value: unknown): string {
  return form === "json"
    ? `${JSON.stringify(value, null, 2)}\n`
    : stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** In a table the rows, else the value that they were made from. */
export function answerText<Row>(
  form: Form,
  answer: {
    readonly value: unknown;
    readonly columns: readonly Column<Row>[];
    readonly rows: readonly Row[];
  },
  nowMs: number,
): string {
  return form === "table" ? tableText(answer.columns, answer.rows, nowMs) : valueText(form, answer.value);
}
