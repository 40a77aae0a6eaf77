/** Aligned columns without borders, as kubectl prints them. Pure: rows in, text out. */
import Table from "cli-table3";

export interface Column<Row> {
  readonly title: string;
  cell(this: void, row: Row, nowMs: number): string;
  /** How long its cells may become while a table grows; the longest that is common. */
  readonly usual?: number;
}

const edges = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "   ",
};

/** Ends with a newline; only the titles when there are no rows. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], nowMs: number): string {
  const table = new Table({
    head: columns.map(({ title }) => title.toUpperCase()),
    chars: edges,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row, nowMs)));
  const lines = table.toString().split("\n");
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
