/** Rates of totals between two samples. Pure; times are milliseconds of a clock that is never set back. */

interface Point {
  readonly total: number;
  readonly atMs: number;
}

export class Rates {
  #points = new Map<string, Point>();
  #next = new Map<string, Point>();

  /** A second; null for the first of its kind, and where there is nothing to tell. */
  rate(key: string, total: number | null, atMs: number): number | null {
    if (total === null) return null;
    this.#next.set(key, { total, atMs });
    const before = this.#points.get(key);
    if (before === undefined || atMs <= before.atMs) return null;
    return ((total - before.total) * 1000) / (atMs - before.atMs);
  }

  /** To be called after each sample: what was not told in it begins anew. */
  turn(): void {
    this.#points = this.#next;
    this.#next = new Map();
  }
}
