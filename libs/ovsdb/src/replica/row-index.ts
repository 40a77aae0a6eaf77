/**
 * One index over a table: which rows have these values in these columns.
 * Reads rows as they come and go; a column may be `external_ids:owner`, one key of a map.
 * Choosing an index for a question is left to table.ts.
 */
import type { UntypedRow } from "../notation/database-schema.ts";
import type { Uuid } from "../notation/uuid.ts";
import type { Value } from "../notation/value.ts";
import { isSet } from "../notation/value.ts";

/** A column, or `column:key` for one key of a map. */
export function indexedValue(row: { readonly [column: string]: Value }, column: string): Value {
  const colon = column.indexOf(":");
  if (colon < 0) {
    return row[column];
  }
  const map = row[column.slice(0, colon)];
  const key = column.slice(colon + 1);
  if (typeof map !== "object" || isSet(map)) {
    return undefined;
  }
  if (map instanceof Map) {
    return map.get(key);
  }
  return Object.hasOwn(map, key) ? Reflect.get(map, key) : undefined;
}

export class RowIndex {
  readonly columns: readonly string[];
  readonly #uuids = new Map<string, Set<Uuid>>();

  constructor(columns: readonly string[]) {
    this.columns = columns;
  }

  add(row: UntypedRow): void {
    const { _uuid: uuid } = row;
    const key = this.#keyOf(row);
    const uuids = this.#uuids.get(key);
    if (uuids === undefined) {
      this.#uuids.set(key, new Set([uuid]));
    } else {
      uuids.add(uuid);
    }
  }

  remove(row: UntypedRow): void {
    const { _uuid: uuid } = row;
    const key = this.#keyOf(row);
    const uuids = this.#uuids.get(key);
    uuids?.delete(uuid);
    if (uuids?.size === 0) {
      this.#uuids.delete(key);
    }
  }

  /** The rows with these values, in the order of `columns`. */
  get(values: readonly Value[]): readonly Uuid[] {
    return [...(this.#uuids.get(keyOf(values)) ?? [])];
  }

  #keyOf(row: UntypedRow): string {
    return keyOf(this.columns.map((column) => indexedValue(row, column)));
  }
}

function keyOf(values: readonly Value[]): string {
  return JSON.stringify(values.map((value) => value ?? null));
}
