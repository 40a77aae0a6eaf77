/**
 * Workloads' addresses: given ones as given, the others the lowest that are free, one of each family of the network.
 * Free is what no placement has (also none that is leaving) and what no workload was given, placed or not.
 */
import type { Address, Subnet } from "@weft/schemas";
import { addressAt, bitsOf, contains, formatAddress, parseAddress, parseSubnet } from "@weft/schemas";
import type { ScheduleSeen } from "./seen.ts";
import { sortedByKey } from "./seen.ts";

/** One for each text of `<tenant>/<network>/<address>`; the value is the workload that has it. */
export interface Addresses {
  /** Who has the address, other than `asker`. */
  holder(network: NetworkRef, address: string, asker: string): string | undefined;
  /** The lowest address of the subnet that nobody has; undefined when all are taken. */
  lowestFree(network: NetworkRef, subnet: Subnet): Address | undefined;
  take(network: NetworkRef, address: string, owner: string): void;
}
export interface NetworkRef {
  readonly tenant: string;
  readonly network: string;
}

const firstHost = 2n;

export function addressesOf(seen: ScheduleSeen): Addresses {
  const placed = new Map<string, string>();
  const given = new Map<string, string>();
  for (const [, { value }] of sortedByKey(seen.intents)) {
    const { document } = value;
    if (document.kind !== "Workload") continue;
    const { tenant = "", name } = document.metadata;
    for (const { network, address } of document.spec.networks)
      if (address !== undefined) given.set(textOf({ tenant, network }, address), name);
  }
  for (const [, { value }] of sortedByKey(seen.placements)) {
    if (value.kind !== "workload") continue;
    for (const { segment, addresses } of value.interfaces)
      for (const address of addresses)
        placed.set(textOf({ tenant: value.tenant, network: segment.name }, bare(address)), value.name);
  }
  return {
    holder: (network, address, asker) => {
      const text = textOf(network, address);
      return [placed.get(text), given.get(text)].find((name) => name !== undefined && name !== asker);
    },
    lowestFree: (network, subnet) => {
      const isTaken = (text: string) => placed.has(text) || given.has(text);
      for (let host = firstHost; host < endOf(subnet); host += 1n) {
        const address = addressAt(subnet, host);
        if (!isTaken(textOf(network, formatAddress(address)))) return address;
      }
      return undefined;
    },
    take: (network, address, owner) => void placed.set(textOf(network, address), owner),
  };
}

/** Whether a workload may have the address in the subnet: not the subnet's own, the router's or the broadcast. */
export function isUsable(subnet: Subnet, text: string): boolean {
  const address = parseAddress(text);
  const host = address.value - subnet.value;
  return contains(subnet, address) && host >= firstHost && host < endOf(subnet);
}

/** The address that a text with a prefix length begins with. */
export function bare(address: string): string {
  return formatAddress(parseSubnet(address));
}

/** Behind the last host number: IPv4 keeps the last for broadcasts. */
function endOf({ family, prefix }: Subnet): bigint {
  const size = 1n << BigInt(bitsOf(family) - prefix);
  return family === 4 ? size - 1n : size;
}

function textOf({ tenant, network }: NetworkRef, address: string): string {
  return `${tenant}/${network}/${address}`;
}
