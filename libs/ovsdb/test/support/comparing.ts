/**
 * What a replica must equal: the rows that a fresh select answers, and what its own change events add up to.
 * Reads both sides, sorted by UUID.
 * When to compare is left to the tests.
 */
import type { Change, OvsdbClient, Replica, Rows, Uuid } from "../../src/index.ts";
import { OvnNorthbound, database } from "../../src/index.ts";

const nb = database(OvnNorthbound);
export const watchedTables = ["Logical_Switch", "Logical_Switch_Port", "ACL"] as const;

interface AnyRow {
  readonly _uuid: Uuid;
}

export async function dump(client: OvsdbClient): Promise<Readonly<Record<string, readonly AnyRow[]>>> {
  const results = await client.transact(
    OvnNorthbound,
    watchedTables.map((table) => nb.select(table, [])),
  );
  return Object.fromEntries(watchedTables.map((table, at) => [table, byUuid(nb.rows(table, results[at]))]));
}

export function held<R extends Rows>(replica: Replica<R>): Readonly<Record<string, readonly AnyRow[]>> {
  return Object.fromEntries(Object.entries(replica.snapshot()).map(([table, rows]) => [table, byUuid(rows)]));
}

/** Follows the events alone; `faults` are events whose `before` is not what the events so far left. */
export class Shadow {
  readonly faults: string[] = [];
  readonly #rows = new Map<string, AnyRow>();

  follow<R extends Rows>(replica: Replica<R>): void {
    for (const [table, rows] of Object.entries(held(replica))) {
      rows.forEach(({ _uuid: uuid, ...row }) => this.#rows.set(`${table} ${uuid}`, { _uuid: uuid, ...row }));
    }
    replica.changed.subscribe(({ changes }) => changes.forEach((change) => this.#add(change)));
  }

  rows(tables: readonly string[] = watchedTables): Readonly<Record<string, readonly AnyRow[]>> {
    const of = (table: string) =>
      [...this.#rows].flatMap(([key, row]) => (key.startsWith(`${table} `) ? [row] : []));
    return Object.fromEntries(tables.map((table) => [table, byUuid(of(table))]));
  }

  #add<R extends Rows>(change: Change<R>): void {
    const key = `${change.table} ${change.uuid}`;
    if (JSON.stringify(this.#rows.get(key)) !== JSON.stringify(change.before)) {
      this.faults.push(key);
    }
    if (change.after === undefined) {
      this.#rows.delete(key);
    } else {
      this.#rows.set(key, change.after);
    }
  }
}

function byUuid(rows: readonly AnyRow[]): readonly AnyRow[] {
  return rows.toSorted(({ _uuid: a }, { _uuid: b }) => (a < b ? -1 : 1));
}
