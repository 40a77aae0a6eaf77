/** Logical_Router: one for each tenant. A root table: a row that is deleted takes its ports and policies with it. */
import type { Actual, CreateRouter, DeleteRouter, LogicalRouter } from "@weft/decide";
import type { OvnNorthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { rowName } from "@weft/ovsdb/notation";
import { northbound, uuidOf } from "./northbound.ts";
import { idsOf, ownerOf } from "./ownership.ts";

export const routerColumns = ["name", "ports", "policies", "external_ids"] as const;
export type RouterRow = Pick<
  RowOf<OvnNorthbound, "Logical_Router">,
  "_uuid" | (typeof routerColumns)[number]
>;

export function createRouter({ row }: CreateRouter): Operation[] {
  const { name } = row;
  return [northbound.insert("Logical_Router", { name, external_ids: idsOf(row) }, rowName(name))];
}

export function deleteRouter({ id }: DeleteRouter): Operation[] {
  return [northbound.delete("Logical_Router", uuidOf(id, "Logical_Router"))];
}

export function readRouter(row: RouterRow): Actual<LogicalRouter>[] {
  const owner = ownerOf(row.external_ids);
  return owner === undefined ? [] : [{ ...owner, id: row._uuid, name: row.name }];
}
