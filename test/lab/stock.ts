/**
 * Takes stock of what there is on the machine by identity: container ids, namespace inodes, uuids of rows, indices of links. Two stocks
 * that are equal mean that nothing was made anew.
 */
import { readdirSync, statSync } from "node:fs";
import { done } from "./command-line.ts";
import { endpoints } from "./lab-endpoints.ts";
import { pidOfContainer } from "./processes.ts";

/** Identities by what they are of, e.g. `container 3f2a…` or `row Logical_Switch_Port …`. */
export type Stock = ReadonlyMap<string, string>;

const northboundTables = [
  "Logical_Switch",
  "Logical_Switch_Port",
  "Logical_Router",
  "Logical_Router_Port",
  "Logical_Router_Policy",
];

/** Everything that could be made anew, on the whole machine, foreign things too. */
export async function stockOf(): Promise<Stock> {
  const { northbound, nodes } = endpoints();
  const stock = new Map<string, string>();
  const containers = await done("docker", "ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.ID}}");
  for (const line of containers.split("\n").filter((each) => each !== "")) {
    const [name = "", id = ""] = line.split(" ");
    stock.set(`container ${name}`, `${id} ${await pidOfContainer(id)}`);
  }
  for (const name of readdirSync("/run/netns"))
    stock.set(`namespace ${name}`, String(statSync(`/run/netns/${name}`).ino));
  for (const table of northboundTables)
    for (const [name, uuid] of await rowsOf(northbound, "OVN_Northbound", table))
      stock.set(`${table} ${name}`, uuid);
  for (const node of nodes) {
    for (const [name, uuid] of await rowsOf(node.ovsdb, "Open_vSwitch", "Port"))
      stock.set(`port ${node.name} ${name}`, uuid);
    const links = await done("ip", "-n", node.namespace, "-o", "link", "show", "type", "veth");
    for (const [, index = "", name = ""] of links.matchAll(/^(\d+): ([^@:]+)@/gm))
      stock.set(`link ${node.name} ${name}`, index);
  }
  return stock;
}

interface Row {
  readonly name?: string;
  readonly priority?: number;
  readonly match?: string;
  readonly _uuid: readonly [string, string];
}

/** What a row is called, whoever owns it, and its uuid. Policies have no name: what they say stands for it. */
async function rowsOf(remote: string, database: string, table: string): Promise<[string, string][]> {
  const transaction = JSON.stringify([database, { op: "select", table, where: [] }]);
  const answer = await done("ovsdb-client", "transact", remote, transaction);
  const [{ rows }] = JSON.parse(answer) as [{ rows: Row[] }];
  return rows.map(({ name, priority, match, _uuid: [, uuid] }) => {
    return [name ?? `${priority} ${match}`, uuid];
  });
}

/** What differs, in words: nothing for two stocks that are equal. */
export function differences(before: Stock, after: Stock): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) return [];
    return [
      was === undefined ? `${name} is new` : is === undefined ? `${name} is gone` : `${name} was made anew`,
    ];
  });
}
