/** Logical_Router_Policy: what a chain, its drop beneath or a network's isolation does with packets. Held by its router. */
import type { Actual, ChangePolicy, CreatePolicy, DeletePolicy, RouterPolicy } from "@weft/decide";
import type { OvnNorthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { rowName } from "@weft/ovsdb/notation";
import { northbound, parentOf, uuidOf } from "./northbound.ts";
import { idsOf, ownerOf, tenantKey } from "./ownership.ts";
import type { Parent } from "./parents.ts";

const table = "Logical_Router_Policy";
export const policyColumns = ["priority", "match", "action", "nexthops", "external_ids"] as const;
export type PolicyRow = Pick<RowOf<OvnNorthbound, typeof table>, "_uuid" | (typeof policyColumns)[number]>;

export function createPolicy({ row, parentId }: CreatePolicy): Operation[] {
  const { priority, match, action, nexthops, key } = row;
  const named = rowName(key);
  return [
    northbound.insert(table, { priority, match, action, nexthops, external_ids: idsOf(row) }, named),
    northbound.mutate("Logical_Router", parentOf(parentId, row.router, "Logical_Router"), [
      ["policies", "insert", [{ named }]],
    ]),
  ];
}

export function changePolicy({ id, row }: ChangePolicy): Operation[] {
  const { priority, match, action, nexthops, tenant } = row;
  const uuid = uuidOf(id, table);
  return [
    northbound.update(table, uuid, { priority, match, action, nexthops }),
    northbound.mutate(table, uuid, [
      ["external_ids", "delete", [tenantKey]],
      ["external_ids", "insert", { [tenantKey]: tenant }],
    ]),
  ];
}

export function deletePolicy({ id, parentId }: DeletePolicy): Operation[] {
  if (parentId === undefined) return [];
  const parent = uuidOf(parentId, "Logical_Router");
  return [northbound.mutate("Logical_Router", parent, [["policies", "delete", [uuidOf(id, table)]]])];
}

export function readPolicy(row: PolicyRow, parent: Parent | undefined): Actual<RouterPolicy>[] {
  const owner = ownerOf(row.external_ids);
  if (owner === undefined || parent === undefined) return [];
  const { priority, match, action, nexthops } = row;
  return [
    { ...owner, id: row._uuid, parentId: parent.id, router: parent.name, priority, match, action, nexthops },
  ];
}
