/**
 * IP addresses and subnets as numbers, for the arithmetic that slots and allocation need. Pure.
 * An address is a family and a bigint; a subnet adds its prefix length. Texts are RFC 4291 / RFC 5952 forms.
 */
import { z } from "zod";

export type Family = 4 | 6;
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}
export interface Subnet extends Address {
  readonly prefix: number;
}

export const AddressText = z.union([z.ipv4(), z.ipv6()], { error: "must be an IPv4 or IPv6 address" });
export const SubnetText = z
  .union([z.cidrv4(), z.cidrv6()], { error: "must be a subnet such as 10.1.0.0/16 or fd00:1::/64" })
  .refine(isNetworkAddress, { error: "has host bits set: give the network's own address" });

export function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

/** Reads an address. Throws RangeError when the text is none. */
export const parseAddress = remembered((text: string): Address =>
  Object.freeze(
    text.includes(":")
      ? ({ family: 6, value: parseV6(text) } as const)
      : ({ family: 4, value: parseV4(text) } as const),
  ),
);

/** Reads a subnet or an address with its prefix length. Throws RangeError when the text is none. */
export const parseSubnet = remembered((text: string): Subnet => {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  const prefix = slash < 0 ? bitsOf(address.family) : Number(text.slice(slash + 1));
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bitsOf(address.family))
    throw new RangeError(`not a prefix length: ${text}`);
  return Object.freeze({ ...address, prefix });
});

export function formatAddress({ family, value }: Address): string {
  return family === 4 ? formatV4(value) : textV6(value);
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet)}/${subnet.prefix}`;
}

/** The mask of a prefix length as a number, e.g. 0xffff0000 for IPv4 /16. */
export function maskOf(family: Family, prefix: number): bigint {
  const bits = bitsOf(family);
  return BigInt.asUintN(bits, -1n << BigInt(bits - prefix));
}

/** The subnet itself, with the host bits cleared. */
export function networkOf(subnet: Subnet): Subnet {
  return { ...subnet, value: subnet.value & maskOf(subnet.family, subnet.prefix) };
}

export function contains(subnet: Subnet, address: Address): boolean {
  if (subnet.family !== address.family) return false;
  const mask = maskOf(subnet.family, subnet.prefix);
  return (subnet.value & mask) === (address.value & mask);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.prefix <= b.prefix ? contains(a, b) : contains(b, a);
}

/** The nth address of a subnet, 0 being its network address. Throws RangeError outside it. */
export function addressAt(subnet: Subnet, index: number | bigint): Address {
  const { family, value } = networkOf(subnet);
  const address = { family, value: value + BigInt(index) };
  if (!contains(subnet, address)) throw new RangeError(`${formatSubnet(subnet)} has no address ${index}`);
  return address;
}

function isNetworkAddress(text: string): boolean {
  try {
    const subnet = parseSubnet(text);
    return networkOf(subnet).value === subnet.value;
  } catch {
    return true; // the shape is named by its own check
  }
}

function parseV4(text: string): bigint {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number) ?? [];
  if (octets.length !== 4 || octets.some((octet) => octet > 255))
    throw new RangeError(`not an address: ${text}`);
  return BigInt(octets.reduce((value, octet) => value * 256 + octet, 0));
}

function parseV6(text: string): bigint {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) throw new RangeError(`not an address: ${text}`);
  const left = groupsOf(head, text);
  const right = tail === undefined ? [] : groupsOf(tail, text);
  const gap = 8 - left.length - right.length;
  if (tail === undefined ? gap !== 0 : gap < 1) throw new RangeError(`not an address: ${text}`);
  const groups = [...left, ...Array.from({ length: gap }, () => 0), ...right];
  return BigInt(`0x${groups.map((group) => group.toString(16).padStart(4, "0")).join("")}`);
}

function groupsOf(part: string, text: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group, index, all) => {
    if (index === all.length - 1 && group.includes(".")) {
      const v4 = parseV4(group);
      return [Number(v4 >> 16n), Number(v4 & 0xffffn)];
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) throw new RangeError(`not an address: ${text}`);
    return [Number.parseInt(group, 16)];
  });
}

function formatV4(value: bigint): string {
  const low = Number(BigInt.asUintN(32, value));
  return `${low >>> 24}.${(low >>> 16) & 0xff}.${(low >>> 8) & 0xff}.${low & 0xff}`;
}

const textV6 = remembered(formatV6);

/** RFC 5952: lower case, no leading zeros, the first longest run of zero groups (two or more) as `::`. */
function formatV6(value: bigint): string {
  const digits = BigInt.asUintN(128, value).toString(16).padStart(32, "0");
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(digits.slice(4 * index, 4 * index + 4), 16),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}

/** Some hundred kilobytes at most. */
const mostRemembered = 4_096;

/** What is worked out from a text or a number alone, kept for the next time: decisions read the same few on every look. */
function remembered<Key extends string | bigint, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = work(key);
    if (known.size >= mostRemembered) known.clear();
    known.set(key, value);
    return value;
  };
}
