/**
 * `npm run bench -- ovsdb`: our OVSDB client beside ovn-nbctl and Python's ovsdbapp on one ovsdb-server, interleaved.
 * Starts a server of its own in a temporary folder; needs no lab and no root.
 * The contestants' programs are in ovsdb/.
 */
import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";
import { startOvsdb } from "@weft/testkit";
import type { Bench, Figure } from "./harness/bench.ts";
import { interleaved, seconds, timed } from "./harness/measure.ts";
import { fill } from "./ovsdb/fill.ts";
import { portsBy, portsByCommands, readBy } from "./ovsdb/peers.ts";
import type { Peer, ReadFigures } from "./ovsdb/peers.ts";
import { reconnect } from "./ovsdb/reconnect.ts";
import { versionsOf } from "./ovsdb/versions.ts";

const nb = database(OvnNorthbound);
const rounds = 7;
const ports = 200;
const manyPorts = 50_000;

export const bench: Bench = {
  name: "ovsdb",
  compares:
    "200 ports in one transaction (time of the transaction over an open connection, replica loaded) with ovsdbapp's one " +
    "transaction and with 200 ovn-nbctl calls; the first read of 50,000 ports (from connecting to all tables in memory) " +
    "with ovsdbapp's, each of these in a fresh process; and the bytes that a server sends after a cut, ten transactions later, with those " +
    "of the first load of the same replica",
  bounds: [
    { figure: "200 ports, weft", times: 0.25, of: "200 ports, 200 ovn-nbctl calls" },
    { figure: "200 ports, weft", times: 1.1, of: "200 ports, ovsdbapp" },
    { figure: "first read, weft", times: 0.5, of: "first read, ovsdbapp" },
    { figure: "bytes after a cut", times: 0.05, of: "bytes of the first load" },
  ],
  measure: async (say) => {
    say(`${ports} ports`);
    const created = await createPorts();
    // Clustered, because only such a server keeps a history to go on from.
    await using server = await startOvsdb({ schema: "ovn-northbound", clustered: true });
    await fill(server.unix, manyPorts);
    say(`the first read of ${manyPorts} ports`);
    const read = await firstRead(server.unix);
    say("reconnecting");
    const resent = await reconnect(server.unix, rounds);
    return { figures: { ...created, ...read, ...resent }, facts: await versionsOf() };
  },
};

/** Each run gets a switch of its own, removed before the next, so that all meet the same database. */
async function createPorts(): Promise<Record<string, Figure>> {
  await using server = await startOvsdb({ schema: "ovn-northbound" });
  await using client = await OvsdbClient.connect({ remote: server.unix });
  const remote = server.unix;
  const onFreshSwitch = async (work: (ports: Parameters<typeof portsByCommands>[0]) => Promise<number>) => {
    await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "bench" })]);
    const taken = await work({ remote, switch: "bench", count: ports });
    const [found] = await client.transact(OvnNorthbound, [
      nb.select("Logical_Switch", [["name", "==", "bench"]], ["ports"]),
      nb.delete("Logical_Switch", [["name", "==", "bench"]]),
    ]);
    const made = JSON.stringify(found?.rows).match(/"uuid"/g)?.length ?? 0;
    if (made !== ports) throw new Error(`a contestant made ${made} ports instead of ${ports}`);
    return taken;
  };
  const runs = await interleaved(
    { rounds },
    {
      "200 ports, weft": () => onFreshSwitch((wanted) => portsBy("weft", wanted)),
      "200 ports, ovsdbapp": () => onFreshSwitch((wanted) => portsBy("ovsdbapp", wanted)),
      "200 ports, 200 ovn-nbctl calls": () => onFreshSwitch((wanted) => timed(() => portsByCommands(wanted))),
    },
  );
  return seconds(runs);
}

async function firstRead(remote: string): Promise<Record<string, Figure>> {
  const memory: Record<Peer, number[]> = { weft: [], ovsdbapp: [] };
  const read = (peer: Peer) => async () => {
    const { seconds: taken, rows, rssBytes }: ReadFigures = await readBy(peer, remote);
    if (rows !== manyPorts) throw new Error(`${peer} read ${rows} ports instead of ${manyPorts}`);
    memory[peer].push(rssBytes);
    return taken;
  };
  const runs = await interleaved(
    { rounds, warmUps: 0 },
    { "first read, weft": read("weft"), "first read, ovsdbapp": read("ovsdbapp") },
  );
  return {
    ...seconds(runs),
    "memory of the first read, weft": { unit: "bytes", runs: memory.weft },
    "memory of the first read, ovsdbapp": { unit: "bytes", runs: memory.ovsdbapp },
  };
}
