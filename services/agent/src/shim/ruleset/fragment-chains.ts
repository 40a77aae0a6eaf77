/**
 * Fragments. A first one has ports and goes by its flow, and notes where it went; later ones follow it. Open vSwitch in user
 * space delivers later ones before the first under load, up to a third: those go by the pair (client, server, protocol).
 * The kernel reads payload as ports in a later fragment: none may reach the rules for flows.
 */
import { chain, chainOf, counted } from "./chain.ts";
import { toOwner, toSlot } from "./flow-chains.ts";
import { flowKey, fragmentKey, isIn, keep } from "./match.ts";
import type { Way } from "./match.ts";
import { mapName } from "./shape.ts";

export function fragmentChains(way: Way): string[] {
  return [laterChain(way), earlyChain(way), firstChain(way)];
}

/** The MAC of the first fragment's way is set: perhaps the shard's own, which must not depend on room in `known`. */
function laterChain(way: Way): string {
  const own = `ether daddr ${way.side.mac}`;
  return chain(chainOf(way, "later"), [
    `${own} ${keepPair(way)}`,
    `${own} accept`,
    `goto ${chainOf(way, "send")}`,
  ]);
}

function earlyChain(way: Way): string {
  const pair = flowKey(way, "no ports");
  const send = `goto ${chainOf(way, "send")}`;
  return chain(chainOf(way, "early"), [
    `${toOwner(way, pair)} ${send}`,
    `${isIn("known", way, pair)} ${keepPair(way)} accept`,
    `${toSlot(way, "next", "no ports")} ${send}`,
    `${keepPair(way)} accept`,
  ]);
}

/**
 * TCP that no rule here decides may still go to `prev`: its way is not noted as the shard's own. Where `frag` has no room for the
 * note, the way is the same.
 */
function firstChain(way: Way): string {
  const key = flowKey(way, "ports");
  const { family, side } = way;
  const ports = `goto ${chainOf(way, "ports")}`;
  const noteOwn = `update @${mapName("frag", family, side.name)} { ${fragmentKey[family]} : ${side.mac} }`;
  const hand = `goto ${chainOf(way, "hand")}`;
  return chain(chainOf(way, "first"), [
    `${isIn("known", way, key)} ${noteOwn}`,
    `${isIn("known", way, key)} ${ports}`,
    `${toOwner(way, key)} ${counted("handed_by_flow")} ${hand}`,
    `${toSlot(way, "next", "no ports")} ${counted("handed_to_next")} ${hand}`,
    `meta l4proto != tcp ${noteOwn}`,
    ports,
  ]);
}

function keepPair(way: Way): string {
  return keep("known", way, flowKey(way, "no ports"), way.shape.timeouts.datagrams);
}
