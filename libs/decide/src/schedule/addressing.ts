/**
 * Addressing: how addresses turn into texts, MACs and port names, and which subnets the nth function group has.
 * Groups take /24s of 100.64.0.0/10 and /64s of fd77::/16 in pairs: inner (towards clients) and outer (towards servers).
 */
import type { Address, Family, GroupPlacement, Subnet } from "@weft/schemas";
import { addressAt, formatAddress, formatSubnet, parseSubnet } from "@weft/schemas";

const pool4 = parseSubnet("100.64.0.0/10");
const pool6 = parseSubnet("fd77::/16");

/** Pairs of /24s in a /10. */
export const maxGroups = 2 ** 13;
/** Shard n has host 2 + n and its probe hosts 128 + n, so both stay inside a /24. */
export const maxShardIndex = 125;
const shardHost = 2;
const probeHost = 128;

export function groupSubnets(index: number): Pick<GroupPlacement, "inner" | "outer"> {
  const pair = (nth: number) => [
    formatSubnet({ family: 4, value: pool4.value + (BigInt(nth) << 8n), prefix: 24 }),
    formatSubnet({ family: 6, value: pool6.value + (BigInt(nth) << 64n), prefix: 64 }),
  ];
  return { inner: pair(2 * index), outer: pair(2 * index + 1) };
}

export function shardAddress(subnet: Subnet, index: number): Address {
  return addressAt(subnet, shardHost + index);
}

export function probeAddress(subnet: Subnet, index: number): Address {
  return addressAt(subnet, probeHost + index);
}

export function routerAddress(subnet: Subnet): Address {
  return addressAt(subnet, 1);
}

/** With the subnet's prefix length, as interfaces have it. */
export function interfaceAddress(address: Address, prefix: number): string {
  return `${formatAddress(address)}/${prefix}`;
}

/** 0a:58 and the IPv4 address; without one 0a:59 and the low 32 bits of the IPv6 address. */
export function macOf(addresses: readonly Address[]): string {
  const [best] = addresses.toSorted((a, b) => a.family - b.family);
  const low = (best?.value ?? 0n) & 0xffff_ffffn;
  const octets = [24n, 16n, 8n, 0n].map((shift) =>
    Number((low >> shift) & 0xffn)
      .toString(16)
      .padStart(2, "0"),
  );
  return ["0a", best?.family === 6 ? "59" : "58", ...octets].join(":");
}

/** Name of a logical switch port and iface-id of its Open vSwitch port. */
export function portName(
  kind: "workload" | "shard",
  owner: { readonly tenant: string; readonly name: string },
  port: string,
): string {
  return `weft.${owner.tenant}.${kind}.${owner.name}.${port}`;
}

export function defaultRoute(family: Family): string {
  return family === 4 ? "default4" : "default6";
}
