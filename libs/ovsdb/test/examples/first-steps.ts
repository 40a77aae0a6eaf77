import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";

const nb = database(OvnNorthbound);
const client = await OvsdbClient.connect({
  remote: process.env["OVSDB_REMOTE"] ?? "unix:/run/ovn/ovnnb_db.sock",
});

// A replica of two tables: all columns of one, two columns of the other.
const replica = await client.monitor(OvnNorthbound, {
  Logical_Switch: { indexes: ["name", "external_ids:owner"] },
  Logical_Switch_Port: { columns: ["name", "addresses"] },
});
replica.changed.subscribe(({ version, changes }) => {
  for (const { table, before, after } of changes) {
    console.log(`${version}: ${table} ${before === undefined ? "+" : "~"} ${after?.name ?? "gone"}`);
  }
});

// One transaction: a port, and a switch that refers to it by name, because its UUID is not known yet.
const [port] = await client.transact(OvnNorthbound, [
  nb.insert("Logical_Switch_Port", { name: "inside-1", addresses: ["02:00:00:00:00:01 10.1.0.1"] }, "port"),
  nb.insert("Logical_Switch", {
    name: "inside",
    ports: [{ named: "port" }],
    external_ids: { owner: "weft" },
  }),
]);

// The replica has it already: servers send a session its own changes before they answer.
const [inside] = replica.table("Logical_Switch").find({ external_ids: { owner: "weft" } });
console.log(inside?.name, inside?.ports[0] === port?.uuid);

await client.close();
