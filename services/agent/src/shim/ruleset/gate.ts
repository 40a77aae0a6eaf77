/**
 * The gate of a namespace that takes the place of one that was killed, as text: a table of its own ahead of the shim's, from its wiring
 * until the shim's maps are filled. Without it packets of flows that other shards own would pass for this one's own.
 * Told by its name alone, so asking for it looks into no set; taken away in the transaction that fills the maps.
 */
import { parseAddress } from "@weft/schemas";
import { chain } from "./chain.ts";
import { neighbourDiscovery } from "./match.ts";
import { families, gateTable } from "./shape.ts";
import type { ShimShape } from "./shape.ts";

/** Ahead of the shim's hooks. */
const priority = -510;

/** Nothing passes but what is for the shard itself or its probe's hosts. */
export function gateClosed({ self, sides }: Pick<ShimShape, "self" | "sides">): string {
  const own = families.flatMap((family) => {
    const addresses = self.filter((address) => parseAddress(address).family === family);
    const daddr = family === 4 ? "ip daddr" : "ip6 daddr";
    return addresses.length === 0 ? [] : [`${daddr} { ${addresses.join(", ")} } accept`];
  });
  const rules = [
    "meta pkttype != host accept",
    "meta protocol != { ip, ip6 } accept",
    ...own,
    neighbourDiscovery,
    "drop",
  ];
  const hook = (device: string) =>
    `type filter hook ingress device "${device}" priority ${priority}; policy accept;`;
  const lines = [
    `add table netdev ${gateTable}`,
    `flush table netdev ${gateTable}`,
    `table netdev ${gateTable} {`,
    ...sides.map(({ name, device }) => chain(name, [hook(device), ...rules])),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** Also where there is none. */
export const gateOpened = `add table netdev ${gateTable}\ndelete table netdev ${gateTable}\n`;
