/**
 * Logical_Switch_Port: an interface of a workload, a shard or a probe's host, or the switch's end of the cable to the router
 * or to a physical segment.
 * Held by its switch with a strong reference: a port that is let go of is collected by the server.
 */
import type { Actual, ChangeSwitchPort, CreateSwitchPort, DeleteSwitchPort, SwitchPort } from "@weft/decide";
import type { OvnNorthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { rowName } from "@weft/ovsdb/notation";
import { northbound, parentOf, uuidOf } from "./northbound.ts";
import { idsOf, ownerOf, tenantKey } from "./ownership.ts";
import type { Parent } from "./parents.ts";

const table = "Logical_Switch_Port";
export const switchPortColumns = ["name", "type", "addresses", "options", "tag", "external_ids"] as const;
export type SwitchPortRow = Pick<
  RowOf<OvnNorthbound, typeof table>,
  "_uuid" | (typeof switchPortColumns)[number]
>;

export function createSwitchPort({ row, parentId }: CreateSwitchPort): Operation[] {
  const { name, type, addresses, options, tag } = row;
  const named = rowName(name);
  return [
    northbound.insert(table, { name, type, addresses, options, tag, external_ids: idsOf(row) }, named),
    northbound.mutate("Logical_Switch", parentOf(parentId, row.switch, "Logical_Switch"), [
      ["ports", "insert", [{ named }]],
    ]),
  ];
}

export function changeSwitchPort({ id, row }: ChangeSwitchPort): Operation[] {
  const { name, type, addresses, options, tag, tenant } = row;
  const uuid = uuidOf(id, table);
  return [
    northbound.update(table, uuid, { name, type, addresses, options, tag }),
    northbound.mutate(table, uuid, [
      ["external_ids", "delete", [tenantKey]],
      ["external_ids", "insert", { [tenantKey]: tenant }],
    ]),
  ];
}

export function deleteSwitchPort({ id, parentId }: DeleteSwitchPort): Operation[] {
  if (parentId === undefined) return [];
  const parent = uuidOf(parentId, "Logical_Switch");
  return [northbound.mutate("Logical_Switch", parent, [["ports", "delete", [uuidOf(id, table)]]])];
}

export function readSwitchPort(row: SwitchPortRow, parent: Parent | undefined): Actual<SwitchPort>[] {
  const owner = ownerOf(row.external_ids);
  if (owner === undefined || parent === undefined) return [];
  const { name, addresses, options, tag } = row;
  // Any other type was set by somebody else: it differs from what is wanted, and is set back.
  const type = row.type as SwitchPort["type"];
  return [
    {
      ...owner,
      id: row._uuid,
      parentId: parent.id,
      switch: parent.name,
      name,
      type,
      addresses,
      options,
      tag,
    },
  ];
}
