/**
 * Random conditions on every table of a database: what a watch of some rows asks for.
 * Reads a schema; returns two conditions for each table, of which any may hold.
 * Which rows meet them is asked of the server.
 */
import type { Condition, DatabaseSchema, OvsdbClient, UntypedRow } from "../../src/index.ts";
import { database } from "../../src/index.ts";
import { shapeOf } from "../../src/notation/column-type.ts";
import { isArray } from "../../src/notation/json.ts";
import { zeroUuid } from "../../src/notation/uuid.ts";
import type { Draw } from "./draw.ts";
import { drawValue } from "./random-values.ts";

export type RandomWatch = Readonly<Record<string, { readonly where: readonly Condition<UntypedRow>[] }>>;

export function drawWatch(schema: DatabaseSchema, draw: Draw): RandomWatch {
  const tables = Object.keys(schema.tables);
  return Object.fromEntries(
    tables.map((table) => [
      table,
      { where: [drawCondition(schema, table, draw), drawCondition(schema, table, draw)] },
    ]),
  );
}

/** The typed conditions know no order on a column of unknown type. */
function drawCondition(schema: DatabaseSchema, table: string, draw: Draw): Condition<UntypedRow> {
  const columns = Object.entries(schema.tables[table]?.columns ?? {});
  const plain = columns.filter(([, { type }]) => type.key.type !== "uuid" && type.value?.type !== "uuid");
  const picked = draw.pick(plain);
  if (picked === undefined) return ["_uuid", "!=", zeroUuid];
  const [column, { type }] = picked;
  const value = drawValue(type, { draw, refer: () => undefined })?.value;
  if (shapeOf(type) === "scalar" && type.key.type === "integer")
    return [column, "<=", value] as unknown as Condition<UntypedRow>;
  return [column, draw.chance(0.5) ? "includes" : "!=", value];
}

/** The rows that the server itself finds by these conditions, any of which may hold. */
export async function selected(
  client: OvsdbClient,
  schema: DatabaseSchema,
  watch: RandomWatch,
): Promise<ReadonlySet<string>> {
  const db = database(schema);
  const asked = Object.entries(watch).flatMap(([table, { where }]) =>
    where.map((condition) => ({ table, operation: db.select(table, [condition], ["_uuid"]) })),
  );
  const results = await client.transact(
    schema,
    asked.map(({ operation }) => operation),
  );
  return new Set(
    results.flatMap((result, at) =>
      (result.rows ?? []).map(
        ({ _uuid: uuid }) => `${asked[at]?.table} ${String(isArray(uuid) ? uuid[1] : uuid)}`,
      ),
    ),
  );
}
