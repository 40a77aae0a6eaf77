/**
 * Whose is a packet? In this order: a flow that is known here; a flow whose owner the agent has told; a slot that is being
 * given; a packet that begins a flow, which is recorded; a slot in which one found no room; a slot that was received; else the shard's own.
 * A frame from a peer is ours by its word and is never handed on: two shims that both did would play it to and fro for ever.
 */
import { chain, chainOf, counted } from "./chain.ts";
import {
  firstFragment,
  flowKey,
  fragmentKey,
  isIn,
  keep,
  openingSyn,
  slotByAddress,
  slotByPort,
} from "./match.ts";
import type { Ports, Way } from "./match.ts";
import { mapName, portMapName, setName } from "./shape.ts";

const kinds = { ports: "ports", "no ports": "other" } as const;

export function flowChains(way: Way): string[] {
  return [...(["ports", "no ports"] as const).flatMap((ports) => chainsOf(way, ports)), ...handChains(way)];
}

function chainsOf(way: Way, ports: Ports): string[] {
  const kind = kinds[ports];
  const known = `jump ${chainOf(way, `${kind}_known`)}`;
  return [
    chain(chainOf(way, kind), [
      known,
      `${toOwner(way, flowKey(way, ports))} ${counted("handed_by_flow")} goto ${chainOf(way, "hand")}`,
      `${toSlot(way, "next", ports)} ${counted("handed_to_next")} goto ${chainOf(way, "hand")}`,
      ...beginnings(way, ports),
      // It may be one of those: what the slot's other shards own is listed whole.
      `${slotByAddress(way)} @${setName("unrecorded", way.family)} accept`,
      `${toSlot(way, "prev", ports)} ${counted("handed_to_prev")} goto ${chainOf(way, "hand")}`,
      "accept",
    ]),
    chain(chainOf(way, `${kind}_known`), ports === "ports" ? knownWithPorts(way) : knownWithout(way)),
    chain(chainOf(way, `${kind}_peer`), [known, ...beginnings(way, ports), "accept"]),
  ];
}

/**
 * Renews the flow and delivers it. A handshake renews nothing: a SYN-ACK must not turn a flood of SYNs into entries of hours.
 * A new SYN on an old tuple opens it again.
 */
function knownWithPorts(way: Way): string[] {
  const key = flowKey(way, "ports");
  const { established, closing, datagrams } = way.shape.timeouts;
  const [known, isClosing] = [isIn("known", way, key), isIn("closing", way, key)];
  return [
    `${openingSyn} ${isClosing} delete @${setName("closing", way.family)} { ${key} }`,
    `tcp flags & syn == syn ${known} accept`,
    `tcp flags & (fin | rst) != 0 ${known} ${keep("closing", way, key, closing)}`,
    `${isClosing} ${known} ${keep("known", way, key, closing)} accept`,
    `meta l4proto tcp ${known} ${keep("known", way, key, established)} accept`,
    `${known} ${keep("known", way, key, datagrams)} accept`,
  ];
}

function knownWithout(way: Way): string[] {
  const key = flowKey(way, "no ports");
  const known = isIn("known", way, key);
  const { datagrams, others } = way.shape.timeouts;
  return [
    `meta l4proto { icmp, ipv6-icmp } ${known} ${keep("known", way, key, datagrams)} accept`,
    `${known} ${keep("known", way, key, others)} accept`,
  ];
}

/** What begins a flow is recorded, and the shard's own from then on. Where there is no room it is noted that one is not. */
function beginnings(way: Way, ports: Ports): string[] {
  const key = flowKey(way, ports);
  const { opening, datagrams, others } = way.shape.timeouts;
  const recorded = `${counted("recorded")} accept`;
  const unrecorded = `update @${setName("unrecorded", way.family)} { ${slotByAddress(way)} }`;
  if (ports === "ports")
    return [
      `${openingSyn} ${keep("known", way, key, opening)} ${recorded}`,
      `meta l4proto != tcp ${keep("known", way, key, datagrams)} ${recorded}`,
      `${openingSyn} ${unrecorded}`,
      `meta l4proto != tcp ${unrecorded}`,
    ];
  return [
    `meta l4proto { icmp, ipv6-icmp } ${keep("known", way, key, datagrams)} ${recorded}`,
    `${keep("known", way, key, others)} ${recorded}`,
    unrecorded,
  ];
}

/** Sets the MAC where the map has one; where it has none, the rule ends there. */
export function toOwner({ family, side }: Way, key: string): string {
  return `ether daddr set ${key} map @${mapName("owner", family, side.name)}`;
}

/** By the same part of the packet as the network's policies go by: fragments have no port there either. */
export function toSlot(way: Way, map: "next" | "prev", ports: Ports): string {
  const { family, side, shape } = way;
  return shape.affinity === "connection" && ports === "ports"
    ? `ether daddr set ${slotByPort(way)} map @${portMapName(map, side.name)}`
    : `ether daddr set ${slotByAddress(way)} map @${mapName(map, family, side.name)}`;
}

/** The MAC is set; the first fragment tells the later ones the way. */
function handChains(way: Way): string[] {
  const { family, side } = way;
  const key = fragmentKey[family];
  const note = `update @${mapName("frag", family, side.name)} { ${key} : ether daddr }`;
  return [
    chain(chainOf(way, "hand"), [`${firstFragment[family]} ${note}`, `goto ${chainOf(way, "send")}`]),
    chain(chainOf(way, "send"), [`ether saddr set ${side.mac} fwd to "${side.device}"`]),
  ];
}
