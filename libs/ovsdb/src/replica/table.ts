/**
 * One table of a replica: rows by UUID and the indexes over them.
 * Reads row updates, keeps rows; a row handed out never changes, a change puts another in its place.
 * What belongs to one transaction is left to replica.ts.
 */
import type { BaseRow, UntypedRow } from "../notation/database-schema.ts";
import type { Uuid } from "../notation/uuid.ts";
import type { Value } from "../notation/value.ts";
import type { Match } from "./match.ts";
import { indexedQuestion, matches } from "./match.ts";
import { RowIndex } from "./row-index.ts";

/** The side that reads. */
export interface ReplicaTable<Row extends BaseRow> {
  readonly size: number;
  get(uuid: Uuid): Row | undefined;
  /** Rows with these values: equal scalars and optionals, sets and maps that contain what is given. Uses an index where one fits. */
  find(match: Match<Row>): readonly Row[];
  rows(): readonly Row[];
}

export class TableStore {
  readonly #rows = new Map<Uuid, UntypedRow>();
  readonly #indexes: readonly RowIndex[];

  constructor(indexes: readonly (readonly string[])[]) {
    this.#indexes = indexes.map((columns) => new RowIndex(columns));
  }

  get size(): number {
    return this.#rows.size;
  }

  get(uuid: Uuid): UntypedRow | undefined {
    return this.#rows.get(uuid);
  }

  rows(): readonly UntypedRow[] {
    return [...this.#rows.values()];
  }

  uuids(): readonly Uuid[] {
    return [...this.#rows.keys()];
  }

  find(match: { readonly [column: string]: Value }): readonly UntypedRow[] {
    return this.#candidates(match).filter((row) => matches(row, match));
  }

  put(uuid: Uuid, row: UntypedRow | undefined): void {
    const before = this.#rows.get(uuid);
    if (before !== undefined) {
      this.#indexes.forEach((index) => index.remove(before));
    }
    if (row === undefined) {
      this.#rows.delete(uuid);
      return;
    }
    this.#rows.set(uuid, row);
    this.#indexes.forEach((index) => index.add(row));
  }

  #candidates(match: { readonly [column: string]: Value }): readonly UntypedRow[] {
    for (const index of this.#indexes) {
      const values = indexedQuestion(index.columns, match);
      if (values !== undefined) {
        return index.get(values).flatMap((uuid) => this.#rows.get(uuid) ?? []);
      }
    }
    return this.rows();
  }
}
