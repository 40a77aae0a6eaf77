/**
 * The operations over the mark of a commit slot: claim it, read it, move it on.
 * Reads a schema and a place, returns operations; finds the mark in an answer.
 * When to send which is left to commit-slot.ts.
 */
import type {
  DatabaseSchema,
  DatabaseTypes,
  RowOf,
  TableName,
  UntypedDatabase,
  UntypedRow,
} from "../notation/database-schema.ts";
import type { Database } from "../notation/database.ts";
import { database, tableOf } from "../notation/database.ts";
import { decodeValue } from "../notation/decode.ts";
import { isArray } from "../notation/json.ts";
import type { Operation, OperationResult } from "../notation/operation.ts";
import { columnOf } from "../notation/rows.ts";
import type { Where } from "../notation/written.ts";

/** Columns that are maps of text to text, such as `external_ids`. */
export type TextMapColumn<Row> = {
  [C in keyof Row & string]: Row[C] extends Readonly<Record<string, string>> ? C : never;
}[keyof Row & string];

/** Where a slot keeps its mark: one key of a map in one row. Give every client a key of its own; nothing else may write it. */
export interface SlotPlace<D extends DatabaseTypes, T extends TableName<D>> {
  readonly table: T;
  /** Must select exactly one row, and one that stays. */
  readonly where: Where<RowOf<D, T>>;
  readonly column: TextMapColumn<RowOf<D, T>>;
  readonly key: string;
}

/** A place without its types, which have done their work by here. */
export interface AnyPlace {
  readonly table: string;
  readonly where: unknown;
  readonly column: string;
  readonly key: string;
}

export class SlotOperations {
  readonly #db: Database<UntypedDatabase>;
  readonly #place: AnyPlace;
  readonly #where: Extract<Where<UntypedRow>, readonly unknown[]>;

  constructor(schema: DatabaseSchema, place: AnyPlace) {
    this.#db = database(schema);
    this.#place = place;
    this.#where = (isArray(place.where) ? place.where : [["_uuid", "==", place.where]]) as never;
    columnOf(tableOf(schema, place.table), place.column);
  }

  /** A first mark where there is none: inserting into a map leaves a key that is there as it is (RFC 7047 section 5.1). */
  claim(mark: string): readonly Operation[] {
    const { table, column, key } = this.#place;
    return [this.#db.mutate(table, this.#where, [[column, "insert", { [key]: mark }]] as never), this.read()];
  }

  read(): Operation {
    return this.#db.select(this.#place.table, this.#where, [this.#place.column]);
  }

  /** From one mark to the next, and all or nothing of what comes with it. */
  move(before: string, after: string): readonly Operation[] {
    const { table, column, key } = this.#place;
    const marked = [...this.#where, [column, "includes", { [key]: before }]] as never;
    return [
      this.#db.wait(table, marked, { until: "!=", rows: [] }),
      this.#db.mutate(table, this.#where, [
        [column, "delete", [key]],
        [column, "insert", { [key]: after }],
      ] as never),
    ];
  }

  /** Throws a RangeError where the place is not one row. */
  readMark(answer: OperationResult | undefined): string | undefined {
    const { table, column, key } = this.#place;
    const [row, ...more] = answer?.rows ?? [];
    if (row === undefined || more.length > 0) {
      throw new RangeError(
        `a commit slot wants one row of ${table}: its \`where\` selects ${row === undefined ? 0 : more.length + 1}`,
      );
    }
    const { type } = columnOf(tableOf(this.#db.schema, table), column);
    const map = decodeValue(type, row[column], `${table}.${column}`);
    return typeof map === "object" && !isArray(map) && !(map instanceof Map) && Object.hasOwn(map, key)
      ? String(Reflect.get(map, key))
      : undefined;
  }
}
