import { describe, expect, it } from "vitest";
import { OvnNorthbound } from "../generated/ovn-northbound.ts";
import type { DatabaseSchema } from "../notation/database-schema.ts";
import { replicatedTables } from "../replica/create-replica.ts";
import { planMonitor, withoutWhere } from "./monitor-plan.ts";

function serving(tables: Record<string, readonly string[]>): DatabaseSchema {
  return {
    name: "OVN_Northbound",
    version: "1",
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, columns]) => {
        const table = OvnNorthbound.tables[name];
        const served = Object.entries(table?.columns ?? {}).filter(([column]) => columns.includes(column));
        return [name, { columns: Object.fromEntries(served), isRoot: true, indexes: [] }];
      }),
    ),
  };
}

describe("what a server is asked to monitor", () => {
  const tables = replicatedTables(OvnNorthbound, {
    Logical_Switch: { columns: ["name", "copp"], where: [["external_ids", "includes", { owner: "weft" }]] },
    Static_MAC_Binding: {},
  });

  it("is what it has, with the columns that rows are chosen by", () => {
    const plan = planMonitor(tables, serving({ Logical_Switch: ["name", "external_ids"] }));
    expect(plan.requests).toEqual({
      Logical_Switch: [
        {
          columns: ["name", "external_ids"],
          where: [["external_ids", "includes", ["map", [["owner", "weft"]]]]],
        },
      ],
    });
    expect(plan.missing).toEqual(["Logical_Switch.copp", "Static_MAC_Binding"]);
    expect(withoutWhere(plan.requests)).toEqual({ Logical_Switch: [{ columns: ["name", "external_ids"] }] });
  });

  it("is no row where the deciding column is not there and its default does not meet the condition", () => {
    const plan = planMonitor(tables, serving({ Logical_Switch: ["name"] }));
    expect(plan.requests["Logical_Switch"]).toEqual([{ columns: ["name"], where: [false] }]);
  });
});
