import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../src/index.ts";
import { OvnNorthbound, OvsdbClient, database, fitOperations } from "../src/index.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const nb = database(OvnNorthbound);
let server: OvsdbServer;
let client: OvsdbClient;

beforeAll(async () => {
  server = await OvsdbServer.start({ schema: "ovn-northbound" });
  client = await OvsdbClient.connect({ remote: server.unix });
  const file = fileURLToPath(new URL("../schemas/ovn-northbound.ovsschema", import.meta.url));
  const older = JSON.parse(await readFile(file, "utf8")) as JsonObject & {
    readonly tables: Record<string, { readonly columns: Record<string, unknown> }>;
  };
  delete older.tables["Static_MAC_Binding"];
  delete older.tables["Logical_Switch"]?.columns["copp"];
  delete older.tables["Logical_Switch"]?.columns["other_config"];
  await client.convert(OvnNorthbound, older);
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

const config = { other_config: { mcast_snoop: "true" } };
const fitted = async (operations: Parameters<typeof fitOperations>[0]) =>
  fitOperations(operations, await client.getSchema(OvnNorthbound));

describe("a server with an older schema", () => {
  it("is read and written by what it has, and refuses the rest by name", async () => {
    const replica = await client.monitor(OvnNorthbound, { Logical_Switch: {}, Static_MAC_Binding: {} });
    await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "plain" })]);
    expect(replica.missing).toEqual([
      "Logical_Switch.copp",
      "Logical_Switch.other_config",
      "Static_MAC_Binding",
    ]);
    const [row] = replica.table("Logical_Switch").find({ name: "plain" });
    expect(row).toMatchObject({ copp: undefined, other_config: {} });
    const refused = client.transact(OvnNorthbound, [nb.insert("Logical_Switch", config)]);
    await expect(refused).rejects.toMatchObject({
      code: "unknown column",
      operation: 0,
      details: "No column other_config in table Logical_Switch.",
    });
    client.cancel(replica);
  });

  it("takes a transaction without the columns it lacks, and these are named", async () => {
    const where = [["name", "==", "fitted"]] as const;
    const { operations, dropped } = await fitted([
      nb.insert("Logical_Switch", { name: "fitted", external_ids: { k: "v" }, ...config }),
      nb.update("Logical_Switch", where, { ...config, external_ids: { k: "w" } }),
      nb.mutate("Logical_Switch", where, [
        ["other_config", "insert", { a: "b" }],
        ["external_ids", "insert", { l: "x" }],
      ]),
      nb.select("Logical_Switch", where),
    ]);
    expect(dropped).toEqual(["Logical_Switch.other_config"]);
    const results = await client.transact(OvnNorthbound, operations);
    expect(nb.rows("Logical_Switch", results[3])).toMatchObject([
      { name: "fitted", external_ids: { k: "w", l: "x" } },
    ]);
  });

  it.each([
    ["a condition", nb.delete("Logical_Switch", [["other_config", "==", {}]]), "Logical_Switch.other_config"],
    ["a wait", nb.wait("Logical_Switch", [], { until: "==", rows: [config] }), "Logical_Switch.other_config"],
    ["a select", nb.select("Logical_Switch", [], ["copp"]), "Logical_Switch.copp"],
    ["a table", nb.delete("Static_MAC_Binding", []), "Static_MAC_Binding"],
  ])("is not asked for less than was meant: %s", async (_, operation, place) => {
    await expect(fitted([operation])).rejects.toMatchObject({ code: "schema" });
    await expect(fitted([operation])).rejects.toThrow(place);
  });
});
