/**
 * The question of `table.find`: which values a row must have.
 * A scalar or optional column must be equal; a set or map must contain what is given (RFC 7047's `includes`).
 * Finding the rows quickly is left to table.ts.
 */
import type { BaseRow } from "../notation/database-schema.ts";
import type { Value } from "../notation/value.ts";
import { isSet, pairsOf } from "../notation/value.ts";

export type Match<Row extends BaseRow> = {
  readonly [C in keyof Row]?: Row[C] extends readonly unknown[] | ReadonlyMap<unknown, unknown>
    ? Row[C]
    : Row[C] extends object
      ? Partial<Row[C]>
      : Row[C] | undefined;
};

export function matches(
  row: { readonly [column: string]: Value },
  match: { readonly [column: string]: Value },
): boolean {
  return Object.entries(match).every(([column, wanted]) => contains(row[column], wanted));
}

function contains(value: Value, wanted: Value): boolean {
  if (typeof value !== "object" || typeof wanted !== "object") {
    return value === wanted;
  }
  if (isSet(value) || isSet(wanted)) {
    return isSet(value) && isSet(wanted) && wanted.every((atom) => value.includes(atom));
  }
  const pairs = new Map(pairsOf(value));
  return pairsOf(wanted).every(([key, item]) => pairs.get(key) === item);
}

/** What an index over these columns would be asked; undefined where the question leaves a column open. */
export function indexedQuestion(
  columns: readonly string[],
  match: { readonly [column: string]: Value },
): readonly Value[] | undefined {
  const values: Value[] = [];
  for (const column of columns) {
    const [name = "", ...key] = column.split(":");
    if (!Object.hasOwn(match, name)) {
      return undefined;
    }
    const wanted = match[name];
    if (key.length === 0) {
      // Sets and maps are asked for in part, which a whole-value index cannot answer.
      if (typeof wanted === "object") {
        return undefined;
      }
      values.push(wanted);
      continue;
    }
    const pair =
      typeof wanted === "object" && !isSet(wanted)
        ? pairsOf(wanted).find(([found]) => found === key.join(":"))
        : undefined;
    if (pair === undefined) {
      return undefined;
    }
    values.push(pair[1]);
  }
  return values;
}
