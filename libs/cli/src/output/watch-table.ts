/** A table that grows line by line: titles first, then a row whenever one comes; columns only ever get wider. */
import type { Column } from "./table.ts";

const gap = "   ";

export class WatchTable<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #widths: number[];
  #titled = false;

  constructor(columns: readonly Column<Row>[]) {
    this.#columns = columns;
    this.#widths = columns.map(({ title }) => title.length);
  }

  /** Makes room for what is known already. */
  fit(rows: readonly Row[], nowMs: number): void {
    for (const row of rows) this.#cells(row, nowMs);
  }

  row(row: Row, nowMs: number, remark = ""): string {
    const cells = this.#cells(row, nowMs);
    const titles = this.#titled ? "" : this.#line(this.#columns.map(({ title }) => title.toUpperCase()));
    this.#titled = true;
    return `${titles}${this.#line(remark === "" ? cells : [...cells, remark])}`;
  }

  #cells(row: Row, nowMs: number): string[] {
    const cells = this.#columns.map(({ cell }) => cell(row, nowMs));
    cells.forEach((cell, index) => {
      this.#widths[index] = Math.max(this.#widths[index] ?? 0, cell.length);
    });
    return cells;
  }

  #line(cells: readonly string[]): string {
    return `${cells
      .map((cell, index) => cell.padEnd(this.#widths[index] ?? 0))
      .join(gap)
      .trimEnd()}\n`;
  }
}
