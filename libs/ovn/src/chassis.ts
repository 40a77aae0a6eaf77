/** The row of a host in OVN's southbound database, and its leaving: what `ovn-sbctl chassis-del` does, in one transaction. */
import { OvnSouthbound } from "@weft/ovsdb/generated";
import type { Operation } from "@weft/ovsdb/notation";
import { database } from "@weft/ovsdb/notation";

const southbound = database(OvnSouthbound);

/** Its encapsulations go with it: the database itself deletes what no row holds. */
export function removeChassis(name: string): Operation[] {
  return [
    southbound.delete("Chassis", [["name", "==", name]]),
    southbound.delete("Chassis_Private", [["name", "==", name]]),
  ];
}
