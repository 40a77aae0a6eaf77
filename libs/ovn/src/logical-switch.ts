/** Logical_Switch: a network's segment, or one side of a group. A root table: rows are deleted, and their ports with them. */
import type { CreateSwitch, DeleteSwitch, LogicalSwitch } from "@weft/decide";
import type { Actual } from "@weft/decide";
import type { OvnNorthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { rowName } from "@weft/ovsdb/notation";
import { northbound, uuidOf } from "./northbound.ts";
import { idsOf, ownerOf } from "./ownership.ts";

export const switchColumns = ["name", "ports", "external_ids"] as const;
export type SwitchRow = Pick<
  RowOf<OvnNorthbound, "Logical_Switch">,
  "_uuid" | (typeof switchColumns)[number]
>;

export function createSwitch({ row }: CreateSwitch): Operation[] {
  const { name } = row;
  return [northbound.insert("Logical_Switch", { name, external_ids: idsOf(row) }, rowName(name))];
}

export function deleteSwitch({ id }: DeleteSwitch): Operation[] {
  return [northbound.delete("Logical_Switch", uuidOf(id, "Logical_Switch"))];
}

export function readSwitch(row: SwitchRow): Actual<LogicalSwitch>[] {
  const owner = ownerOf(row.external_ids);
  return owner === undefined ? [] : [{ ...owner, id: row._uuid, name: row.name }];
}
