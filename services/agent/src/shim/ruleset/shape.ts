/**
 * What the shim of one shard is made from, and what its parts are called. A shim is one nftables table at the ingress of both
 * interfaces, ahead of the function's own stack: it knows the flows that the shard owns, and hands on what belongs to others.
 * Keys of flows are always (client, server, protocol, client port, server port), whichever way the packet goes.
 */
import type { Affinity, Family } from "@weft/schemas";

export const shimTable = "weft_shim";
export const gateTable = "weft_gate";
export const families = [4, 6] as const;

/** `in`: packets from the clients arrive; `out`: packets from the servers. */
export type SideName = "in" | "out";
export const sideNames = ["in", "out"] as const;

export interface ShimSide {
  readonly name: SideName;
  /** The interface inside the shard's namespace. */
  readonly device: string;
  readonly mac: string;
  /** Of the router's port on the same switch: a frame from any other MAC comes from a peer. */
  readonly routerMac: string;
}

/** In seconds. None may be less than the function's own: a flow that the shim forgets first is broken by the next handoff. */
export interface FlowTimeouts {
  /** TCP after a SYN, until it is answered and spoken on: short, or a flood of SYNs fills the sets. */
  readonly opening: number;
  readonly established: number;
  /** TCP after a FIN or RST. */
  readonly closing: number;
  /** UDP, SCTP, ICMP. */
  readonly datagrams: number;
  /** Protocols that are none of these. */
  readonly others: number;
}

export interface ShimShape {
  readonly affinity: Affinity;
  /** The function changes addresses or ports: what it sends is recorded as well, by a hook at egress (kernel 5.16). */
  readonly rewrites: boolean;
  /** Flows that `known` and `closing` hold, for each family. */
  readonly size: number;
  readonly timeouts: FlowTimeouts;
  /** Addresses of the shard and of its probe's hosts: always local, and never a flow. */
  readonly self: readonly string[];
  readonly sides: readonly ShimSide[];
}

/** Written by rules: flows of this shard; those of them that saw FIN or RST. */
export type RuleSet = "known" | "closing";
/** Written by the agent, values are MACs: by flow, by the header that an ICMP error quotes, by slot while a handoff is on. */
export type AgentMap = "owner" | "inner" | "next" | "prev";

/** `unrecorded`, written by rules: slots in which a flow began that found no room in `known`. */
export function setName(set: RuleSet | "self" | "unrecorded", family: Family): string {
  return `${set}_${family}`;
}

export function mapName(map: AgentMap | "frag", family: Family, side: SideName): string {
  return `${map}_${family}_${side}`;
}

/** Slots by the client's port, which no family has a part in. */
export function portMapName(map: "next" | "prev", side: SideName): string {
  return `${map}_port_${side}`;
}

/** What is counted besides: tests and whoever looks for a fault read them, no rule does. */
export const shimCounters = [
  "recorded",
  "handed_by_flow",
  "handed_to_next",
  "handed_to_prev",
  "handed_error",
  "from_peer",
  "fragment_first",
  "fragment_followed",
  "fragment_early",
] as const;
export type ShimCounter = (typeof shimCounters)[number];
