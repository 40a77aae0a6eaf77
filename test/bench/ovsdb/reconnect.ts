/**
 * What a server sends again to a replica whose connection was cut, while others wrote: everything, or what was missed.
 * Counts bytes through a proxy, all of them: the schema and the server's own database too. The server is the bench's.
 * The bound is left to ../ovsdb.ts.
 */
import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";
import { eventually } from "@weft/testkit";
import type { Figure } from "../harness/bench.ts";
import { CountingProxy } from "./counting-proxy.ts";

const nb = database(OvnNorthbound);
const everything = Object.fromEntries(Object.keys(OvnNorthbound.tables).map((table) => [table, {}]));
/** Fewer than the hundred of which servers keep a history. */
const missed = 10;

export async function reconnect(remote: string, rounds: number): Promise<Record<string, Figure>> {
  await using writer = await OvsdbClient.connect({ remote });
  const loads: number[] = [];
  const resumptions: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await using proxy = await CountingProxy.start(remote);
    await using client = await OvsdbClient.connect({ remote: proxy.remote, probeIntervalMs: 0 });
    const replica = await client.monitor(OvnNorthbound, everything);
    loads.push(proxy.answeredBytes);
    proxy.cut();
    for (let write = 0; write < missed; write += 1)
      await writer.transact(OvnNorthbound, [
        nb.insert("Logical_Switch", { name: `missed-${round}-${write}`, external_ids: { owner: "bench" } }),
      ]);
    const last = `missed-${round}-${missed - 1}`;
    const caughtUp = () => replica.live && replica.table("Logical_Switch").find({ name: last }).length === 1;
    await eventually("the replica has caught up", caughtUp, { withinMs: 60_000 });
    resumptions.push(proxy.answeredBytes - (loads.at(-1) ?? 0));
  }
  return {
    "bytes of the first load": { unit: "bytes", runs: loads },
    "bytes after a cut": { unit: "bytes", runs: resumptions },
  };
}
