import { ConnectionLost, OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";

const nb = database(OvnNorthbound);
const client = await OvsdbClient.connect({
  remote: process.env["OVSDB_REMOTE"] ?? "unix:/run/ovn/ovnnb_db.sock",
});
await client.transact(OvnNorthbound, [nb.insert("NB_Global", {})]);

// The mark is one key of external_ids, for this writer alone.
const slot = client.commitSlot(OvnNorthbound, {
  table: "NB_Global",
  where: [],
  column: "external_ids",
  key: "my-writer",
});
try {
  const { results } = await slot.commit([nb.insert("Logical_Switch", { name: "inside" })]);
  console.log(results === undefined ? "in, as the mark tells" : `in, with ${results.length} answer`);
} catch (error) {
  if (error instanceof ConnectionLost && error.outcome !== "unknown") {
    console.log("not in, and never will be: it may be sent anew");
  } else {
    throw error;
  }
}

await client.close();
