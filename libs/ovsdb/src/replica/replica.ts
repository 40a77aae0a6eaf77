/**
 * An in-memory copy of the watched tables, with change events for each transaction.
 * Reads row updates or a full reload; offers typed tables, `version`, `live`, `changed` and `snapshot`.
 * Talking to a server is left to client/: this is pure and synchronous.
 */
import type { UntypedRow } from "../notation/database-schema.ts";
import type { Uuid } from "../notation/uuid.ts";
import { sameValue } from "../notation/value.ts";
import { applyUpdate } from "../updates/apply-update.ts";
import type { RowUpdate } from "../updates/row-update.ts";
import type { FilteredTable } from "./filter-rows.ts";
import type { Signal } from "./signal.ts";
import { Emitter } from "./signal.ts";
import type { ReplicaTable } from "./table.ts";
import { TableStore } from "./table.ts";
import type { Rows } from "./watch.ts";

/** One row before and after: `before` undefined is an insert, `after` undefined a delete. */
export type Change<R extends Rows> = {
  readonly [T in keyof R & string]: {
    readonly table: T;
    readonly uuid: Uuid;
    readonly before: R[T] | undefined;
    readonly after: R[T] | undefined;
  };
}[keyof R & string];

/** What one notification of the server changed: one transaction, or several when the server caught up. */
export interface ChangeEvent<R extends Rows> {
  readonly version: number;
  readonly changes: readonly Change<R>[];
}

export type ReplicaSnapshot<R extends Rows> = { readonly [T in keyof R]: readonly R[T][] };

/** The side that reads. */
export interface Replica<R extends Rows> {
  /** Counts up by one with every event. */
  readonly version: number;
  /** True while the rows follow a server: false before the first load and while disconnected, when they are as they last were. */
  readonly live: boolean;
  readonly changed: Signal<ChangeEvent<R>>;
  /** `table.column`, and whole tables, that were asked for and that the server does not have. Their columns read as defaults. */
  readonly missing: readonly string[];
  table<T extends keyof R & string>(name: T): ReplicaTable<R[T]>;
  /** All rows at this moment; later changes do not touch it. */
  snapshot(): ReplicaSnapshot<R>;
}

export interface ReplicatedTable extends FilteredTable {
  readonly indexes: readonly (readonly string[])[];
}

type AnyChange = { table: string; uuid: Uuid; before: UntypedRow | undefined; after: UntypedRow | undefined };

/** The side that follows the server. Its rows are decoded by the schema that R was derived from: hence the casts below. */
export class ReplicaStore<R extends Rows> implements Replica<R> {
  version = 0;
  live = false;
  missing: readonly string[] = [];
  readonly changed = new Emitter<ChangeEvent<R>>();
  readonly #tables = new Map<string, { readonly form: ReplicatedTable; readonly store: TableStore }>();

  constructor(tables: readonly ReplicatedTable[]) {
    for (const form of tables) {
      this.#tables.set(form.name, { form, store: new TableStore(form.indexes) });
    }
  }

  table<T extends keyof R & string>(name: T): ReplicaTable<R[T]> {
    const table = this.#tables.get(name);
    if (table === undefined) {
      throw new RangeError(`${name} is not watched`);
    }
    return table.store as unknown as ReplicaTable<R[T]>;
  }

  snapshot(): ReplicaSnapshot<R> {
    const rows = [...this.#tables].map(([name, { store }]) => [name, store.rows()] as const);
    return Object.fromEntries(rows) as unknown as ReplicaSnapshot<R>;
  }

  /** Applies the updates of one notification, all or none: an update that does not fit throws InconsistentUpdate. */
  apply(updates: readonly RowUpdate[]): void {
    this.#commit(this.#plan(updates));
  }

  /** Makes the rows equal to a full load; what did not change is not in the event. */
  reload(updates: readonly RowUpdate[]): void {
    const loaded = this.#plan(updates);
    const seen = new Set(updates.map(({ table, uuid }) => `${table} ${uuid}`));
    const gone = [...this.#tables].flatMap(([table, { store }]) =>
      store
        .uuids()
        .filter((uuid) => !seen.has(`${table} ${uuid}`))
        .map((uuid): AnyChange => ({ table, uuid, before: store.get(uuid), after: undefined })),
    );
    this.#commit([...loaded, ...gone]);
  }

  #plan(updates: readonly RowUpdate[]): readonly AnyChange[] {
    return updates.flatMap((update): AnyChange[] => {
      const table = this.#tables.get(update.table);
      if (table === undefined) {
        return [];
      }
      const before = table.store.get(update.uuid);
      const after = applyUpdate(table.form, before, update);
      return sameRow(before, after) ? [] : [{ table: update.table, uuid: update.uuid, before, after }];
    });
  }

  #commit(changes: readonly AnyChange[]): void {
    if (changes.length === 0) {
      return;
    }
    for (const { table, uuid, after } of changes) {
      this.#tables.get(table)?.store.put(uuid, after);
    }
    this.version += 1;
    this.changed.emit({ version: this.version, changes: changes as unknown as readonly Change<R>[] });
  }
}

function sameRow(a: UntypedRow | undefined, b: UntypedRow | undefined): boolean {
  if (a === undefined || b === undefined) {
    return a === b;
  }
  return Object.keys(b).every((column) => sameValue(a[column], b[column]));
}
