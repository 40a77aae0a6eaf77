/**
 * A northbound database of many ports, as a network of Weft's has them.
 * Writes switches of a hundred ports each, a transaction for each switch.
 * What is measured on it is left to the bench.
 */
import { OvnNorthbound, OvsdbClient, database } from "@weft/ovsdb";

const nb = database(OvnNorthbound);
const perSwitch = 100;

/** Each port has an address, an owner and a workload. */
export async function fill(remote: string, ports: number): Promise<void> {
  await using client = await OvsdbClient.connect({ remote });
  for (let at = 0; at < ports / perSwitch; at += 1) {
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
