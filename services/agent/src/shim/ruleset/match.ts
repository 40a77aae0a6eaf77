/**
 * Packets in nft's words, for one family at one side: keys of flows and slots, what a fragment is, what an ICMP error is.
 * Pure text. Tried with nft 1.0.6, which cannot put `frag id` into a key, aborts on a dynamic map whose key is longer than 16
 * bytes, and takes no typed key behind the header of an ICMP error: those are raw numbers.
 */
import { slotCount } from "@weft/schemas";
import type { Family } from "@weft/schemas";
import { setName } from "./shape.ts";
import type { RuleSet, ShimShape, ShimSide } from "./shape.ts";

/** One family at one side. */
export interface Way {
  readonly family: Family;
  readonly side: ShimSide;
  readonly shape: ShimShape;
}

/** The protocols that the network's policies know by port. All others are told apart by their addresses alone. */
export const withPorts = "meta l4proto { tcp, udp, sctp }";
export const openingSyn = "tcp flags & (syn | ack) == syn";

const ip = { 4: "ip", 6: "ip6" } as const;

/** Types of the keys of sets and maps. */
export const addressType = { 4: "ipv4_addr", 6: "ipv6_addr" } as const;
export function flowType(family: Family): string {
  const address = addressType[family];
  return `${address} . ${address} . inet_proto . inet_service . inet_service`;
}

export type Ports = "ports" | "no ports";

/** The flow of the packet; `sent`: of a packet that leaves by this side, so it goes the other way. */
export function flowKey({ family, side }: Way, ports: Ports, going: "arrives" | "sent" = "arrives"): string {
  const name = ip[family];
  // A protocol without ports, and a later fragment, have zeros there: nft takes no constant in a key.
  const [source, target] =
    ports === "ports" ? ["th sport", "th dport"] : ["(th sport & 0)", "(th dport & 0)"];
  const toServer = (side.name === "in") === (going === "arrives");
  return toServer
    ? `${name} saddr . ${name} daddr . meta l4proto . ${source} . ${target}`
    : `${name} daddr . ${name} saddr . meta l4proto . ${target} . ${source}`;
}

/** Adds the packet's flow, or lets it live on. */
export function keep(set: RuleSet, { family }: Way, key: string, seconds: number): string {
  return `update @${setName(set, family)} { ${key} timeout ${seconds}s }`;
}

export function isIn(set: RuleSet, { family }: Way, key: string): string {
  return `${key} @${setName(set, family)}`;
}

export function slotByAddress({ family, side }: Way): string {
  const low = slotCount - 1;
  const mask = family === 4 ? `0.0.0.${low}` : `::${low.toString(16)}`;
  return `${ip[family]} ${side.name === "in" ? "saddr" : "daddr"} & ${mask}`;
}

/** Bits 1 to 8: Linux gives connect() even ports only. */
export function slotByPort({ side }: Way): string {
  return `th ${side.name === "in" ? "sport" : "dport"} & 0x${((slotCount - 1) << 1).toString(16)}`;
}

export function toSelf({ family }: Way): string {
  return `${ip[family]} daddr @${setName("self", family)}`;
}

export function fromSelf({ family }: Way): string {
  return `${ip[family]} saddr @${setName("self", family)}`;
}

/** IPv6: the fragment header right behind the fixed one. */
export const laterFragment = {
  4: "ip frag-off & 0x1fff != 0",
  6: "ip6 nexthdr 44 @nh,336,16 & 0xfff8 != 0",
} as const;
export const firstFragment = {
  4: "ip frag-off & 0x3fff == 0x2000",
  6: "ip6 nexthdr 44 @nh,336,16 & 0xfff9 == 1",
} as const;
/** What the fragments of one datagram share. IPv6: the low half of the source, the low 32 bits of the destination, the id. */
export const fragmentKey = {
  4: "ip saddr . ip daddr . ip protocol . ip id",
  6: "@nh,128,64 . @nh,288,32 . @nh,352,32",
} as const;

export const icmpError = {
  4: "icmp type { destination-unreachable, time-exceeded, parameter-problem }",
  6: "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem }",
} as const;
/** The header that an error quotes, as one number: source, destination, both ports. IPv6: the low half of the source. */
export const quotedHeader = { 4: "@th,160,96", 6: "@th,192,224" } as const;

export const neighbourDiscovery =
  "icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, nd-router-solicit, nd-router-advert, " +
  "nd-neighbor-solicit, nd-neighbor-advert, nd-redirect, mld2-listener-report } accept";
