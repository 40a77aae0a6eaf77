/** Where packets come in at one side, and what is decided before anybody asks for their flow. */
import { chain, chainOf, counted } from "./chain.ts";
import { flowChains } from "./flow-chains.ts";
import { fragmentChains } from "./fragment-chains.ts";
import {
  firstFragment,
  fragmentKey,
  icmpError,
  laterFragment,
  neighbourDiscovery,
  quotedHeader,
  toSelf,
  withPorts,
} from "./match.ts";
import type { Way } from "./match.ts";
import { families, mapName } from "./shape.ts";
import type { ShimShape, ShimSide } from "./shape.ts";

/** Ahead of whatever else may hang there. */
const priority = -500;

export function sideChains(shape: ShimShape, side: ShimSide): string[] {
  const ways = families.map((family): Way => ({ family, side, shape }));
  return [
    hookChain(side, "ingress", [
      `meta protocol vmap { ip : goto ${side.name}_4, ip6 : goto ${side.name}_6 }`,
    ]),
    ...ways.flatMap((way) => [
      entryChain(way),
      peerChain(way),
      ...flowChains(way),
      ...fragmentChains(way),
      errorChain(way),
    ]),
  ];
}

export function hookChain(
  { name, device }: ShimSide,
  hook: "ingress" | "egress",
  rules: readonly string[],
): string {
  const at = `type filter hook ${hook} device "${device}" priority ${priority}; policy accept;`;
  return chain(`${name}_${hook}`, [at, ...rules]);
}

function entryChain(way: Way): string {
  const { family, side } = way;
  const later = laterFragment[family];
  const to = (part: string) => `goto ${chainOf(way, part)}`;
  return chain(chainOf(way), [
    "meta pkttype != host accept",
    `${toSelf(way)} accept`,
    family === 6 ? neighbourDiscovery : undefined,
    `ether saddr != ${side.routerMac} ${counted("from_peer")} ${to("peer")}`,
    `${later} ether daddr set ${fragmentKey[family]} map @${mapName("frag", family, side.name)} ${counted("fragment_followed")} ${to("later")}`,
    `${later} ${counted("fragment_early")} ${to("early")}`,
    `${firstFragment[family]} ${counted("fragment_first")} ${to("first")}`,
    `${icmpError[family]} ${to("error")}`,
    `${withPorts} ${to("ports")}`,
    to("other"),
  ]);
}

function peerChain(way: Way): string {
  return chain(chainOf(way, "peer"), [
    `${laterFragment[way.family]} accept`,
    `${icmpError[way.family]} accept`,
    `${withPorts} goto ${chainOf(way, "ports_peer")}`,
    `goto ${chainOf(way, "other_peer")}`,
  ]);
}

/** An error goes where the packet that it quotes came from. */
function errorChain(way: Way): string {
  const { family, side } = way;
  const inner = mapName("inner", family, side.name);
  return chain(chainOf(way, "error"), [
    `ether daddr set ${quotedHeader[family]} map @${inner} ${counted("handed_error")} goto ${chainOf(way, "send")}`,
    "accept",
  ]);
}
