/**
 * Random transactions on any database, made from its schema: rows that come with what they need and what needs them, change, go;
 * and some that the server must refuse as a whole. Reads which rows there are; returns operations.
 * Sending them, and cutting the way there, is left to series.ts.
 */
import type {
  Database,
  DatabaseSchema,
  Operation,
  Reference,
  UntypedDatabase,
  Uuid,
} from "../../src/index.ts";
import { database } from "../../src/index.ts";
import type { ColumnType } from "../../src/notation/column-type.ts";
import { shapeOf } from "../../src/notation/column-type.ts";
import type { Draw } from "./draw.ts";
import type { Drawn } from "./random-values.ts";
import { drawValue } from "./random-values.ts";
import { refusedOperation } from "./refused-operation.ts";

export interface World {
  readonly schema: DatabaseSchema;
  readonly draw: Draw;
  /** Rows that are there as far as anybody knows. */
  readonly existing: (table: string) => readonly Uuid[];
  /** Whether weak references are written, which the server takes away with the row that they point to. */
  readonly weak: boolean;
}

export interface DrawnTransaction {
  readonly operations: readonly Operation[];
  /** It ends with something that no server takes. */
  readonly hopeless: boolean;
}

const deepest = 4;
/** A table with more rows loses rows rather than getting more. */
const manyRows = 25;

export function drawTransaction(world: World): DrawnTransaction {
  const { draw } = world;
  const transaction = new Transaction(world);
  for (let count = 1 + draw.below(3); count > 0; count -= 1) transaction.addSomething();
  const hopeless = draw.chance(0.08);
  const last = hopeless ? [refusedOperation(world)] : [];
  return { operations: [...transaction.operations, ...last], hopeless };
}

class Transaction {
  readonly operations: Operation[] = [];
  readonly #world: World;
  readonly #build: Database<UntypedDatabase>;
  #names = 0;

  constructor(world: World) {
    this.#world = world;
    this.#build = database(world.schema);
  }

  addSomething(): void {
    const { draw, schema, existing } = this.#world;
    const table = draw.pick(Object.keys(schema.tables)) ?? "";
    const uuid = draw.pick(existing(table));
    if (uuid === undefined || (draw.chance(0.4) && existing(table).length < manyRows)) this.#insert(table, 0);
    else if (draw.chance(existing(table).length > manyRows ? 0.6 : 0.15))
      this.operations.push(this.#build.delete(table, uuid));
    else if (draw.chance(0.5)) this.#update(table, draw.chance(0.05) ? [] : uuid);
    else this.#mutate(table, draw.chance(0.05) ? [] : uuid);
  }

  /** A row with what it refers to; of a table that is no root, with one that refers to it, else the server collects it at once. */
  #insert(table: string, depth: number, referred = false): Reference | undefined {
    const { draw, schema, existing } = this.#world;
    const columns = schema.tables[table]?.columns ?? {};
    if (schema.tables[table]?.maxRows === 1 && existing(table).length > 0 && draw.chance(0.9))
      return undefined;
    const row: Record<string, Drawn> = {};
    for (const [column, { type }] of Object.entries(columns)) {
      const needed = type.min === 1 && type.key.refTable !== undefined;
      if (!needed && (!this.#writes(type) || draw.chance(0.4))) continue;
      const drawn = drawValue(type, { draw, refer: (target) => this.#refer(target, { needed, depth }) });
      if (drawn !== undefined) row[column] = drawn.value;
      else if (needed) return undefined;
    }
    const name = this.#name();
    this.operations.push(this.#build.insert(table, row, name));
    if (schema.tables[table]?.isRoot === false && !referred) this.#hold(table, { named: name }, depth);
    return { named: name };
  }

  /** A row that is there, or a new one where one is needed. */
  #refer(table: string, { needed, depth }: { needed: boolean; depth: number }): Reference | undefined {
    const { draw, existing } = this.#world;
    const found = draw.pick(existing(table));
    const fresh = depth < deepest && (needed ? found === undefined || draw.chance(0.2) : draw.chance(0.15));
    return fresh ? (this.#insert(table, depth + 1, true) ?? found) : found;
  }

  #hold(table: string, row: Reference, depth: number): void {
    const { draw, schema, existing } = this.#world;
    const holders = holdersOf(schema, table);
    const known = holders.filter((holder) => existing(holder.table).length > 0);
    const holder = draw.pick(known) ?? draw.pick(holders);
    if (holder === undefined) return;
    const uuid = draw.pick(existing(holder.table));
    if (uuid !== undefined && holder.type.max === "unlimited")
      this.operations.push(
        this.#build.mutate(holder.table, uuid, [[holder.column, "insert", [row]] as never]),
      );
    else if (uuid !== undefined)
      this.operations.push(this.#build.update(holder.table, uuid, { [holder.column]: row as Drawn }));
    else if (depth < deepest) this.#insertHolder(holder, row, depth);
  }

  #insertHolder({ table, column, type }: Holder, row: Reference, depth: number): void {
    const before = this.operations.length;
    if (this.#insert(table, depth + 1) === undefined) return;
    const at = this.operations.findIndex(
      (operation, index) => index >= before && operation.op === "insert" && operation.table === table,
    );
    const inserted = this.operations[at];
    if (inserted?.op !== "insert") return;
    const held = this.#build.insert(table, { [column]: (type.max === "unlimited" ? [row] : row) as Drawn });
    this.operations[at] = { ...inserted, row: { ...inserted.row, ...held.row } };
  }

  #update(table: string, where: Uuid | readonly []): void {
    const { draw, schema } = this.#world;
    const row: Record<string, Drawn> = {};
    for (const [column, { type, mutable }] of Object.entries(schema.tables[table]?.columns ?? {})) {
      if (!mutable || isBoundedSet(type) || !this.#writes(type) || draw.chance(0.75)) continue;
      const drawn = drawValue(type, { draw, refer: (target) => draw.pick(this.#world.existing(target)) });
      if (drawn !== undefined) row[column] = drawn.value;
    }
    this.operations.push(this.#build.update(table, where, row));
  }

  #mutate(table: string, where: Uuid | readonly []): void {
    const { draw, schema } = this.#world;
    const columns = Object.entries(schema.tables[table]?.columns ?? {}).filter(([, { mutable }]) => mutable);
    const mutations = columns.flatMap(([column, { type }]) => {
      if (isBoundedSet(type) || !this.#writes(type) || draw.chance(0.75)) return [];
      const shape = shapeOf(type);
      if (shape === "scalar" || shape === "optional")
        return type.key.type === "integer" && type.key.enum === undefined
          ? [[column, "+=", 1 + draw.below(3)]]
          : [];
      const drawn = drawValue(type, { draw, refer: (target) => draw.pick(this.#world.existing(target)) });
      return drawn === undefined ? [] : [[column, draw.chance(0.6) ? "insert" : "delete", drawn.value]];
    });
    this.operations.push(this.#build.mutate(table, where, mutations as never));
  }

  #writes({ key, value }: ColumnType): boolean {
    return this.#world.weak || (key.refType !== "weak" && value?.refType !== "weak");
  }

  #name(): string {
    this.#names += 1;
    return `row${this.#names}`;
  }
}

/**
 * Of at most 2, 3 … elements. Such columns are written in inserts only: ovsdb-server 3.1 logs a change as the difference of the two sets, refuses to
 * read it back where it has more elements than the column may, and a clustered one then answers no transaction any more.
 */
function isBoundedSet({ max }: ColumnType): boolean {
  return max !== 1 && max !== "unlimited";
}

interface Holder {
  readonly table: string;
  readonly column: string;
  readonly type: ColumnType;
}

/** The columns by which a row of this table can be kept alive. */
function holdersOf(schema: DatabaseSchema, table: string): readonly Holder[] {
  return Object.entries(schema.tables).flatMap(([name, { columns }]) =>
    Object.entries(columns).flatMap(([column, { type }]) =>
      type.value === undefined && type.key.refTable === table && type.key.refType !== "weak"
        ? [{ table: name, column, type }]
        : [],
    ),
  );
}
