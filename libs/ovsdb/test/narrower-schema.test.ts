/** A server whose schema lacks what the client was built for: what it has is served, what it lacks is named and reads as empty. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { MonitorMethod } from "../src/index.ts";
import { OvnNorthbound, OvsdbClient, database, monitorMethods } from "../src/index.ts";
import { drawFrom } from "./support/draw.ts";
import { differences, dumpOf } from "./support/dumped.ts";
import { olderSchema } from "./support/older-schema.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";
import { runSeries } from "./support/series.ts";

const nb = database(OvnNorthbound);
/** Columns of every shape, tables that others do not refer to, and the columns that would refer to a table that is gone. */
const gone = [
  "Chassis_Template_Var",
  "Logical_Router.copp",
  "Logical_Switch.copp",
  "Copp",
  "Logical_Router_Policy.nexthops",
  "Logical_Switch_Port.mirror_rules",
  "Mirror",
  "Logical_Switch.other_config",
  "Logical_Switch_Port.enabled",
  "ACL.label",
  "ACL.options",
];
const everything = Object.fromEntries(Object.keys(OvnNorthbound.tables).map((table) => [table, {}]));
const transactions = 300;
const caughtUp = { timeout: 10_000, interval: 20 };

let schema: Awaited<ReturnType<typeof olderSchema>>;
let server: OvsdbServer;
let client: OvsdbClient;

beforeAll(async () => {
  schema = await olderSchema(gone);
  server = await OvsdbServer.start({ schema: schema.file });
  client = await OvsdbClient.connect({ remote: server.unix });
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
  await schema[Symbol.asyncDispose]();
});

describe("a server with tables and columns removed", () => {
  it("is followed, and what it lacks is named and reads as empty", async () => {
    const replica = await client.monitor(OvnNorthbound, {
      Logical_Switch: { indexes: ["other_config:x"] },
      Copp: {},
      ACL: { columns: ["match", "label"] },
    });
    expect(replica.missing).toEqual([
      "Logical_Switch.copp",
      "Logical_Switch.other_config",
      "Copp",
      "ACL.label",
    ]);
    await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "a" })]);
    expect(replica.table("Logical_Switch").find({ name: "a" })).toMatchObject([
      { name: "a", other_config: {}, copp: undefined },
    ]);
    expect(replica.table("Copp").rows()).toEqual([]);
    client.cancel(replica);
  });

  it("takes what it has room for, and refuses as a whole what it has not", async () => {
    const refused = client.transact(OvnNorthbound, [
      nb.insert("Logical_Switch", { name: "first" }),
      nb.insert("Logical_Switch", { name: "second", other_config: { x: "y" } }),
    ]);
    await expect(refused).rejects.toMatchObject({ name: "OvsdbError", operation: 1 });
    const [found] = await client.transact(OvnNorthbound, [
      nb.select("Logical_Switch", [["name", "==", "first"]]),
    ]);
    expect(nb.rows("Logical_Switch", found)).toEqual([]);
  });

  it.each<{
    name: string;
    where: readonly ["other_config", "includes" | "excludes", { x: string }];
    rows: number;
  }>([
    { name: "no row", where: ["other_config", "includes", { x: "y" }], rows: 0 },
    { name: "every row", where: ["other_config", "excludes", { x: "y" }], rows: 2 },
  ])("finds $name by a condition on a column that it lacks", async ({ where, rows }) => {
    await using fresh = await OvsdbServer.start({ schema: schema.file });
    await using over = await OvsdbClient.connect({ remote: fresh.unix });
    const replica = await over.monitor(OvnNorthbound, { Logical_Switch: { where: [where] } });
    const names = ["a", "b"].map((name) => nb.insert("Logical_Switch", { name }));
    await over.transact(OvnNorthbound, names);
    expect(replica.table("Logical_Switch").size).toBe(rows);
  });

  it.each<MonitorMethod>([...monitorMethods])(
    "has replicas of all tables that equal a fresh dump after random transactions: %s",
    async (method) => {
      await using fresh = await OvsdbServer.start({ schema: schema.file });
      await using over = await OvsdbClient.connect({ remote: fresh.unix, monitorMethods: [method] });
      const replica = await over.monitor(OvnNorthbound, everything);
      expect(replica.missing.toSorted()).toEqual(gone.filter((place) => !isInGoneTable(place)).sort());
      const served = await over.getSchema(OvnNorthbound);
      const known = await over.monitor(
        served,
        Object.fromEntries(Object.keys(served.tables).map((table) => [table, {}])),
      );
      const existing = (table: string) =>
        known
          .table(table)
          .rows()
          .map((row) => row._uuid);
      const world = { schema: served, draw: drawFrom(3), existing, weak: true };
      await runSeries({
        writers: [{ client: over, world }],
        committed: transactions,
        trouble: async () => undefined,
      });
      const dump = await dumpOf(fresh.unix, "OVN_Northbound");
      const found = () => differences(replica, dump).filter((line) => !isMissing(line));
      await vi.waitFor(() => expect(found()).toEqual([]), caughtUp);
    },
  );
});

/** A column of a table that is gone itself is not named apart. */
function isInGoneTable(place: string): boolean {
  const [table = "", column] = place.split(".");
  return column !== undefined && gone.includes(table);
}

/** The dump has no such column; the replica has its default. */
function isMissing(line: string): boolean {
  const [table, , column = ""] = line.split(" ");
  return line.endsWith("in the server undefined") && gone.includes(`${table}.${column.replace(":", "")}`);
}
