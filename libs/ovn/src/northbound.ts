/** The typed builder of the northbound database, and UUIDs out of the plain texts that steps carry. */
import { OvnNorthbound } from "@weft/ovsdb/generated";
import type { NamedUuid, Uuid } from "@weft/ovsdb/notation";
import { NotationError, database, isUuid, rowName } from "@weft/ovsdb/notation";

export const northbound = database(OvnNorthbound);

export function uuidOf(id: string, table: string): Uuid {
  if (!isUuid(id)) throw new NotationError(`${table}._uuid`, `no UUID: ${id}`);
  return id;
}

/** The row that holds another: by UUID where it is there, else by the name that its own insert gives it in this transaction. */
export function parentOf(parentId: string | undefined, name: string, table: string): Uuid | NamedUuid {
  return parentId === undefined ? { named: rowName(name) } : uuidOf(parentId, table);
}
