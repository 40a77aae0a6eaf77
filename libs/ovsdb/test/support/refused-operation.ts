/**
 * Operations that no server takes, as the last of a transaction: everything before must then not have happened.
 * Reads the schema; returns plain JSON that the builder would not make.
 * That they are refused is for the tests to see.
 */
import type { Operation } from "../../src/index.ts";
import { abort } from "../../src/index.ts";
import type { World } from "./random-transactions.ts";

export function refusedOperation({ schema, draw, existing }: World): Operation {
  const tables = Object.keys(schema.tables);
  const table = draw.pick(tables) ?? "";
  const uuid = draw.pick(existing(table)) ?? "00000000-0000-4000-8000-000000000009";
  const nobody = ["uuid", "00000000-0000-4000-8000-000000000009"] as const;
  const faults: readonly Operation[] = [
    abort(),
    { op: "update", table, where: [], row: { no_such_column: "x" } },
    { op: "delete", table: "No_Such_Table", where: [] },
    { op: "insert", table, row: {}, "uuid-name": "not a name" },
    { op: "assert", lock: "a lock that nobody has" },
    { op: "select", table, where: [["_uuid", "==", "no uuid"]] },
    {
      op: "wait",
      table,
      where: [["_uuid", "==", nobody]],
      columns: ["_uuid"],
      until: "==",
      rows: [{ _uuid: ["uuid", uuid] }],
      timeout: 0,
    },
  ];
  return draw.pick(faults) ?? abort();
}
