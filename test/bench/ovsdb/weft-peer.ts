/**
 * Our side of the ovsdb bench, a process of its own as the other side is one.
 * Reads its arguments (remote, "ports" with a switch and a count, or "read"), prints one line of JSON with what it timed.
 * Starting it and comparing are left to peers.ts.
 */
import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";

const nb = database(OvnNorthbound);
/** All tables with all columns, as ovsdbapp holds them. */
const everything = Object.fromEntries(Object.keys(OvnNorthbound.tables).map((table) => [table, {}]));

const [remote = "", what, ...rest] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await (what === "read" ? read() : ports()))}\n`);

async function ports(): Promise<{ readonly seconds: number }> {
  const [name = "", count = "0"] = rest;
  await using client = await OvsdbClient.connect({ remote });
  await client.monitor(OvnNorthbound, everything);
  const start = performance.now();
  const indices = Array.from({ length: Number(count) }, (_, index) => index);
  await client.transact(OvnNorthbound, [
    ...indices.map((index) =>
      nb.insert(
        "Logical_Switch_Port",
        {
          name: `${name}-${index}`,
          addresses: [`dynamic ${index}`],
          external_ids: { owner: "bench" },
        },
        `port${index}`,
      ),
    ),
    nb.mutate(
      "Logical_Switch",
      [["name", "==", name]],
      [["ports", "insert", indices.map((index) => ({ named: `port${index}` }))]],
    ),
  ]);
  return { seconds: (performance.now() - start) / 1_000 };
}

async function read(): Promise<{
  readonly seconds: number;
  readonly rows: number;
  readonly rssBytes: number;
}> {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  await using client = await OvsdbClient.connect({ remote });
  const replica = await client.monitor(OvnNorthbound, everything);
  const rows = replica.table("Logical_Switch_Port").size;
  return {
    seconds: (performance.now() - start) / 1_000,
    rows,
    rssBytes: process.memoryUsage.rss() - before,
  };
}
