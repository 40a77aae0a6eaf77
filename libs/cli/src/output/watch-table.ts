/**
 * A table that grows line by line: titles first, then a row whenever one comes. Columns stay where the titles put them:
 * a cell that is too long pushes those behind it in its own line alone.
 */
import type { Column } from "./table.ts";

const gap = "   ";

export class WatchTable<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #widths: number[];
  #titled = false;

  constructor(columns: readonly Column<Row>[]) {
    this.#columns = columns;
    this.#widths = columns.map(({ title, usual = 0 }) => Math.max(title.length, usual));
  }

  /** Makes room for what is known before the titles are written. */
  fit(rows: readonly Row[], nowMs: number): void {
    for (const row of rows)
      this.#cells(row, nowMs).forEach((cell, index) => {
        this.#widths[index] = Math.max(this.#widths[index] ?? 0, cell.length);
      });
  }

  row(row: Row, nowMs: number, remark = ""): string {
    if (!this.#titled) this.fit([row], nowMs);
    const cells = this.#cells(row, nowMs);
    const titles = this.#titled ? "" : this.#line(this.#columns.map(({ title }) => title.toUpperCase()));
    this.#titled = true;
    return `${titles}${this.#line(remark === "" ? cells : [...cells, remark])}`;
  }

  #cells(row: Row, nowMs: number): string[] {
    return this.#columns.map(({ cell }) => cell(row, nowMs));
  }

  #line(cells: readonly string[]): string {
    return `${cells
      .map((cell, index) => cell.padEnd(this.#widths[index] ?? 0))
      .join(gap)
      .trimEnd()}\n`;
  }
}
