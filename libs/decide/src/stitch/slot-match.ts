/**
 * Which packets a mask of slots means, as an OVN match: the client's masked address, or the masked port of the client.
 * Reads one way of a hop; the networks are always in the match, or packets to a shard's own addresses would be hijacked.
 */
import type { ChainProtocol, Family, Subnet } from "@weft/schemas";
import { formatAddress, formatSubnet, maskOf } from "@weft/schemas";
import type { SlotMask } from "../slots/masks-of.ts";

/** One direction of a hop for one address family. */
export interface Way {
  readonly inport: string;
  readonly from: Subnet;
  readonly to: Subnet;
  /** Whether the packets go from the clients or back to them. */
  readonly direction: "toServer" | "toClient";
  /** None: all traffic. */
  readonly protocols: readonly ChainProtocol[] | undefined;
}

const withPorts = ["tcp", "udp", "sctp"] as const;

/** Everything of this way, whatever its slot. */
export function wholeMatch(way: Way): string {
  return join([...endsOf(way, formatSubnet(way.from)), protocolsOf(way)]);
}

/** The slots by the client's address. Undefined where no address of the network is in such a slot. */
export function addressMatch(way: Way, slots: SlotMask): string | undefined {
  const client = maskedClient(way.from, slots);
  return client === undefined ? undefined : join([...endsOf(way, client), protocolsOf(way)]);
}

/**
 * The slots by bits 1 to 8 of the client's port: Linux gives connect() even ports only. Undefined where no protocol has ports.
 * Fragments have none either: Open vSwitch shows each with port 0.
 */
export function portMatch(way: Way, slots: SlotMask): string | undefined {
  const wanted = withPorts.filter((protocol) => way.protocols?.includes(protocol) ?? true);
  if (wanted.length === 0 || slots.mask === 0) return undefined;
  const side = way.direction === "toServer" ? "src" : "dst";
  const bits = `0x${(slots.value << 1).toString(16)}/0x${(slots.mask << 1).toString(16)}`;
  const ports = wanted.map((protocol) => `${protocol}.${side} == ${bits}`);
  return join([...endsOf(way, formatSubnet(way.from)), "!ip.is_frag", either(ports)]);
}

function endsOf({ inport, from, to, direction }: Way, client: string): string[] {
  const ip = `ip${from.family}`;
  const [near, far] = direction === "toServer" ? ["src", "dst"] : ["dst", "src"];
  return [`inport == "${inport}"`, `${ip}.${near} == ${client}`, `${ip}.${far} == ${formatSubnet(to)}`];
}

function protocolsOf({ protocols, from }: Way): string {
  return either((protocols ?? []).map((protocol) => protocolName(protocol, from.family)).toSorted());
}

function protocolName(protocol: ChainProtocol, family: Family): string {
  return protocol === "icmp" ? `icmp${family}` : protocol;
}

/** A network longer than /24 (or /120) fixes some of the bits itself: slots that differ there do not occur. */
function maskedClient(network: Subnet, { value, mask }: SlotMask): string | undefined {
  const prefixMask = maskOf(network.family, network.prefix);
  const slotMask = BigInt(mask);
  if ((network.value & prefixMask & slotMask) !== (BigInt(value) & prefixMask)) return undefined;
  const { family } = network;
  const combined = prefixMask | slotMask;
  const client = (network.value & prefixMask) | (BigInt(value) & slotMask);
  if (combined === prefixMask) return formatSubnet(network);
  return `${formatAddress({ family, value: client })}/${formatAddress({ family, value: combined })}`;
}

function either(terms: readonly string[]): string {
  return terms.length > 1 ? `(${terms.join(" || ")})` : (terms[0] ?? "");
}

function join(terms: readonly string[]): string {
  return terms.filter((term) => term !== "").join(" && ");
}
