/** Logical_Router_Port: the router's foot in a switch, with the first address of each of its subnets. Held by its router. */
import type { Actual, ChangeRouterPort, CreateRouterPort, DeleteRouterPort, RouterPort } from "@weft/decide";
import type { OvnNorthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { rowName } from "@weft/ovsdb/notation";
import { northbound, parentOf, uuidOf } from "./northbound.ts";
import { idsOf, ownerOf, tenantKey } from "./ownership.ts";
import type { Parent } from "./parents.ts";

const table = "Logical_Router_Port";
export const routerPortColumns = ["name", "mac", "networks", "external_ids"] as const;
export type RouterPortRow = Pick<
  RowOf<OvnNorthbound, typeof table>,
  "_uuid" | (typeof routerPortColumns)[number]
>;

export function createRouterPort({ row, parentId }: CreateRouterPort): Operation[] {
  const { name, mac, networks } = row;
  const named = rowName(name);
  return [
    northbound.insert(table, { name, mac, networks, external_ids: idsOf(row) }, named),
    northbound.mutate("Logical_Router", parentOf(parentId, row.router, "Logical_Router"), [
      ["ports", "insert", [{ named }]],
    ]),
  ];
}

export function changeRouterPort({ id, row }: ChangeRouterPort): Operation[] {
  const { name, mac, networks, tenant } = row;
  const uuid = uuidOf(id, table);
  return [
    northbound.update(table, uuid, { name, mac, networks }),
    northbound.mutate(table, uuid, [
      ["external_ids", "delete", [tenantKey]],
      ["external_ids", "insert", { [tenantKey]: tenant }],
    ]),
  ];
}

export function deleteRouterPort({ id, parentId }: DeleteRouterPort): Operation[] {
  if (parentId === undefined) return [];
  const parent = uuidOf(parentId, "Logical_Router");
  return [northbound.mutate("Logical_Router", parent, [["ports", "delete", [uuidOf(id, table)]]])];
}

export function readRouterPort(row: RouterPortRow, parent: Parent | undefined): Actual<RouterPort>[] {
  const owner = ownerOf(row.external_ids);
  if (owner === undefined || parent === undefined) return [];
  const { name, mac, networks } = row;
  return [{ ...owner, id: row._uuid, parentId: parent.id, router: parent.name, name, mac, networks }];
}
