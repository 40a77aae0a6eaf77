/**
 * What a TypeScript program gets from the package: compiled against the packed declarations by package.test.ts.
 * Each @ts-expect-error is a fault that the types must find.
 */
import type { Replica, RowOf, Uuid } from "@weft/ovsdb";
import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";
import { OpenVswitch } from "@weft/ovsdb/generated";
import { rowName } from "@weft/ovsdb/notation";
import { createReplica } from "@weft/ovsdb/replica";

const nb = database(OvnNorthbound);
nb.insert("Logical_Switch", { name: "a", ports: [{ named: rowName("a-b") }] });
// @ts-expect-error: no such column
nb.insert("Logical_Switch", { nam: "a" });
// @ts-expect-error: a switch's name is text
nb.update("Logical_Switch", [], { name: 7 });
// @ts-expect-error: no such table
database(OpenVswitch).insert("Logical_Switch", {});

export async function ports(remote: string): Promise<readonly Uuid[]> {
  await using client = await OvsdbClient.connect({ remote });
  const replica: Replica<{ readonly Logical_Switch: RowOf<OvnNorthbound, "Logical_Switch"> }> =
    await client.monitor(OvnNorthbound, { Logical_Switch: {} });
  return replica
    .table("Logical_Switch")
    .rows()
    .flatMap((row) => row.ports);
}

const picked = createReplica(OvnNorthbound, { ACL: { columns: ["match"] } });
export const matches: readonly string[] = picked
  .table("ACL")
  .rows()
  .map((row) => row.match);
const rule = picked.table("ACL").rows()[0];
// @ts-expect-error: that column was not asked for
export const priority: unknown = rule?.priority;
