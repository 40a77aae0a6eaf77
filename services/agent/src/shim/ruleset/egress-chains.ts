/**
 * What a function sends that rewrites addresses or ports: the same flow under another key, in the other direction. Without a
 * record of it the answer would be nobody's. What it sends from an address of its own has no slot, and is left alone.
 */
import { chain, chainOf, counted } from "./chain.ts";
import { flowKey, fromSelf, isIn, keep, laterFragment, openingSyn } from "./match.ts";
import type { Way } from "./match.ts";
import { families } from "./shape.ts";
import type { ShimShape, ShimSide } from "./shape.ts";
import { hookChain } from "./side-chains.ts";

export function egressChains(shape: ShimShape, side: ShimSide): string[] {
  if (!shape.rewrites) return [];
  const { name } = side;
  return [
    hookChain(side, "egress", [
      // Frames that are handed on have a peer's MAC: they are not the function's.
      `ether daddr != ${side.routerMac} accept`,
      `meta protocol vmap { ip : goto ${name}_4_sent, ip6 : goto ${name}_6_sent }`,
    ]),
    ...families.map((family) => sentChain({ family, side, shape })),
  ];
}

function sentChain(way: Way): string {
  const key = flowKey(way, "ports", "sent");
  const { opening, closing, datagrams } = way.shape.timeouts;
  return chain(chainOf(way, "sent"), [
    `${laterFragment[way.family]} accept`,
    `${fromSelf(way)} accept`,
    `${openingSyn} ${keep("known", way, key, opening)} ${counted("recorded")} accept`,
    `tcp flags & (fin | rst) != 0 ${isIn("known", way, key)} ${keep("closing", way, key, closing)} accept`,
    `meta l4proto { udp, sctp } ${keep("known", way, key, datagrams)} accept`,
  ]);
}
