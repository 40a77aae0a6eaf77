/**
 * The three notifications (update, update2, update3) and the initial answers → one list of row updates.
 * Reads unknown JSON: RFC 7047 section 4.1.6 and ovsdb-server(7) section 4.1.14.
 * Applying them to rows is left to apply-update.ts.
 */
import { isObject } from "../notation/json.ts";
import { NotationError } from "../notation/notation-error.ts";
import type { Uuid } from "../notation/uuid.ts";
import { isUuid } from "../notation/uuid.ts";

export type WireColumns = Readonly<Record<string, unknown>>;

/** `whole`: the row as it is now, default values perhaps left out; `diff`: what changed; `delete`: the row is gone. */
export type RowUpdate = { readonly table: string; readonly uuid: Uuid } & (
  | { readonly kind: "whole" | "diff"; readonly columns: WireColumns }
  | { readonly kind: "delete" }
);

/** `<table-updates>` of RFC 7047: `new` is always the whole row. */
export function readUpdate(json: unknown): readonly RowUpdate[] {
  return readTables(json, (place, row) => {
    const columns = row["new"];
    if (columns === undefined || columns === null) {
      return { kind: "delete" };
    }
    return { kind: "whole", columns: columnsOf(columns, place) };
  });
}

/** `<table-updates2>`: `modify` is a difference. */
export function readUpdate2(json: unknown): readonly RowUpdate[] {
  return readTables(json, (place, row) => {
    if (Object.hasOwn(row, "delete")) {
      return { kind: "delete" };
    }
    const whole = row["initial"] ?? row["insert"];
    return whole === undefined
      ? { kind: "diff", columns: columnsOf(row["modify"], place) }
      : { kind: "whole", columns: columnsOf(whole, place) };
  });
}

type Body = { kind: "whole" | "diff"; columns: WireColumns } | { kind: "delete" };

function readTables(json: unknown, readRow: (place: string, row: WireColumns) => Body): readonly RowUpdate[] {
  return Object.entries(columnsOf(json, "update")).flatMap(([table, rows]) =>
    Object.entries(columnsOf(rows, table)).map(([uuid, row]) => {
      if (!isUuid(uuid)) {
        throw new NotationError(table, `wants rows by UUID, got ${uuid}`);
      }
      return { table, uuid, ...readRow(`${table} ${uuid}`, columnsOf(row, table)) };
    }),
  );
}

function columnsOf(json: unknown, place: string): WireColumns {
  if (!isObject(json)) {
    throw new NotationError(place, "wants an object");
  }
  return json;
}
