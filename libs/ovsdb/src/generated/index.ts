/**
 * The pure entry, `@weft/ovsdb/generated`: the databases of OVN 23.03 and Open vSwitch 3.1, and `_Server`, which every server has:
 * each is a value and a type of one name.
 * Row types are had as `RowOf<OvnNorthbound, "Logical_Switch">`.
 * The files themselves are left to scripts/generate.ts.
 */
export { OpenVswitch } from "./open-vswitch.ts";
export { OvnNorthbound } from "./ovn-northbound.ts";
export { OvnSouthbound } from "./ovn-southbound.ts";
export { OvsdbStatus } from "./ovsdb-status.ts";
