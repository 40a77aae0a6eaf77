/**
 * `npm run bench -- ovsdb`: our OVSDB client beside ovn-nbctl and Python's ovsdbapp on one ovsdb-server, interleaved.
 * Starts a server of its own in a temporary folder; needs no lab and no root.
 * The contestants' programs are in ovsdb/.
 */
import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";
import { startOvsdb } from "@weft/testkit";
import type { Bench, Figure } from "./harness/bench.ts";
import { interleaved, seconds, timed } from "./harness/measure.ts";
import { portsBy, portsByCommands, readBy } from "./ovsdb/peers.ts";
import type { Peer, ReadFigures } from "./ovsdb/peers.ts";
import { versionsOf } from "./ovsdb/versions.ts";

const nb = database(OvnNorthbound);
const ports = 200;
const manyPorts = 50_000;
const switches = 500;

export const bench: Bench = {
  name: "ovsdb",
  compares:
    "200 ports in one transaction (time of the transaction over an open connection, replica loaded) with ovsdbapp's one " +
    "transaction and with 200 ovn-nbctl calls; the first read of 50,000 ports (from connecting to all tables in memory) " +
    "with ovsdbapp's. Every contestant runs in a fresh process",
  bounds: [
    { figure: "200 ports, weft", times: 0.25, of: "200 ports, 200 ovn-nbctl calls" },
    { figure: "200 ports, weft", times: 1.1, of: "200 ports, ovsdbapp" },
    { figure: "first read, weft", times: 0.5, of: "first read, ovsdbapp" },
  ],
  measure: async (say) => {
    say(`${ports} ports`);
    const created = await createPorts();
    say(`the first read of ${manyPorts} ports`);
    const read = await firstRead();
    return { figures: { ...created, ...read }, facts: await versionsOf() };
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
    { rounds: 7 },
    {
      "200 ports, weft": () => onFreshSwitch((wanted) => portsBy("weft", wanted)),
      "200 ports, ovsdbapp": () => onFreshSwitch((wanted) => portsBy("ovsdbapp", wanted)),
      "200 ports, 200 ovn-nbctl calls": () => onFreshSwitch((wanted) => timed(() => portsByCommands(wanted))),
    },
  );
  return seconds(runs);
}

async function firstRead(): Promise<Record<string, Figure>> {
  await using server = await startOvsdb({ schema: "ovn-northbound" });
  await fill(server.unix);
  const memory: Record<Peer, number[]> = { weft: [], ovsdbapp: [] };
  const read = (peer: Peer) => async () => {
    const { seconds: taken, rows, rssBytes }: ReadFigures = await readBy(peer, server.unix);
    if (rows !== manyPorts) throw new Error(`${peer} read ${rows} ports instead of ${manyPorts}`);
    memory[peer].push(rssBytes);
    return taken;
  };
  const runs = await interleaved(
    { rounds: 5, warmUps: 0 },
    { "first read, weft": read("weft"), "first read, ovsdbapp": read("ovsdbapp") },
  );
  return {
    ...seconds(runs),
    "memory of the first read, weft": { unit: "bytes", runs: memory.weft },
    "memory of the first read, ovsdbapp": { unit: "bytes", runs: memory.ovsdbapp },
  };
}

/** Ports as a network of Weft's has them: an address, an owner, a switch of a hundred. */
async function fill(remote: string): Promise<void> {
  await using client = await OvsdbClient.connect({ remote });
  const perSwitch = manyPorts / switches;
  for (let at = 0; at < switches; at += 1) {
    const inserted = Array.from({ length: perSwitch }, (_, index) =>
      nb.insert(
        "Logical_Switch_Port",
        {
          name: `port-${at}-${index}`,
          addresses: [`0a:00:00:00:${hex(at)}:${hex(index)} 10.${at % 256}.${index}.1`],
          port_security: [`0a:00:00:00:${hex(at)}:${hex(index)}`],
          external_ids: { owner: "bench", workload: `workload-${at}-${index}` },
        },
        `p${index}`,
      ),
    );
    const named = inserted.map((_, index) => ({ named: `p${index}` }));
    await client.transact(OvnNorthbound, [
      ...inserted,
      nb.insert("Logical_Switch", { name: `switch-${at}`, ports: named }),
    ]);
  }
}

function hex(value: number): string {
  return (value % 256).toString(16).padStart(2, "0");
}
