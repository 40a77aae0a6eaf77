import { ConnectionLost, OvnNorthbound, OvsdbClient, OvsdbError, database } from "@weft/ovsdb";

const nb = database(OvnNorthbound);
const client = await OvsdbClient.connect({
  remote: process.env["OVSDB_REMOTE"] ?? "unix:/run/ovn/ovnnb_db.sock",
});
const settings = await client.monitor(OvnNorthbound, { NB_Global: { columns: ["external_ids"] } });
const epochNow = () => settings.table("NB_Global").rows()[0]?.external_ids["epoch"];

await client.transact(OvnNorthbound, [nb.insert("NB_Global", { external_ids: { epoch: "1" } })]);

for (const { from, to } of [
  { from: "1", to: "2" },
  { from: "1", to: "3" },
]) {
  try {
    await client.transact(OvnNorthbound, [
      // Holds only while nobody else has moved it: then all of the transaction happens, else nothing.
      nb.wait("NB_Global", [], { until: "==", rows: [{ external_ids: { epoch: from } }] }),
      nb.update("NB_Global", [], { external_ids: { epoch: to } }),
    ]);
    console.log("done");
  } catch (error) {
    if (error instanceof OvsdbError && error.code === "timed out") {
      console.log(`refused by operation ${error.operation}: the epoch is ${epochNow()}`);
    } else if (error instanceof ConnectionLost && error.outcome === "unknown") {
      console.log("perhaps done: look at the replica once it is live again, do not send it again");
    } else {
      throw error;
    }
  }
}

await client.close();
