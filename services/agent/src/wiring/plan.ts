/**
 * Everything that wiring one placement needs, as data: links in the node's namespace, scripts for the namespaces inside,
 * ports of the switch. Pure. One round's plans are carried out together by wire.ts.
 */
import type { InstancePlacement, PlacedInterface } from "@weft/schemas";
import type { FabricPort } from "../ports.ts";
import { tbfLine } from "./bandwidth.ts";
import { checkedName, namespaceScript, rulesScript } from "./namespace-script.ts";
import type { NamespaceContents } from "./namespace-script.ts";
import { linkName, probeNamespaces } from "./names.ts";

export interface PlannedLink {
  readonly name: string;
  /** Lines of `ip -batch` in the node's namespace. */
  readonly lines: readonly string[];
  readonly shaping: string | undefined;
}

export interface WiringPlan {
  readonly uid: string;
  readonly probeNamespaces: readonly string[];
  readonly links: readonly PlannedLink[];
  readonly inside: readonly { readonly namespacePath: string; readonly script: string }[];
  readonly ports: readonly FabricPort[];
}

export interface PlaceContext {
  /** The holder's namespace, as `ip link … netns` and as nsenter take it. */
  readonly namespaceRef: string;
  readonly namespacePath: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly checksumOffload: boolean;
  /** True when a configuration is live in this namespace, so that packets may pass. */
  readonly opened: boolean;
}
export interface WiringContext extends PlaceContext {
  readonly wiringHash: string;
  /** Rules of nftables that are in force before a link of the namespace is up; a shard's shim. */
  readonly firstRules?: string | undefined;
}

/**
 * A new namespace takes `ip_forward` from the machine (devconf_inherit_init_net=0), where it is mostly on: without this,
 * a shard would forward before it has a rule. Loading its configuration turns it on.
 */
const forwardingOff = { "net/ipv4/ip_forward": "0", "net/ipv6/conf/all/forwarding": "0" };

/** A namespace of a placement, and what is set inside it. */
export interface Place {
  readonly ref: string;
  readonly path: string;
  readonly contents: NamespaceContents;
}

export function planWiring(placement: InstancePlacement, context: WiringContext): WiringPlan {
  const { uid } = placement;
  const places = placesOf(placement, context);
  return {
    uid,
    probeNamespaces: places.slice(1).map(({ ref }) => ref),
    links: places.flatMap(({ ref, contents }) =>
      contents.interfaces.map((placed) => plannedLink(uid, placed, ref, contents.bandwidth)),
    ),
    inside: places.map(({ path, contents }, index) => ({
      namespacePath: path,
      script: (index === 0 ? rulesScript(context.firstRules) : "") + namespaceScript(contents),
    })),
    ports: places.flatMap(({ contents }) =>
      contents.interfaces.map((placed) => ({
        name: linkName(uid, placed),
        ifaceId: placed.port,
        placement: uid,
        wiring: context.wiringHash,
      })),
    ),
  };
}

/** The holder's namespace first, then those of a shard's probe. */
export function placesOf(placement: InstancePlacement, context: PlaceContext): Place[] {
  const closed = placement.kind === "shard" && !context.opened;
  const own: Place = {
    ref: context.namespaceRef,
    path: context.namespacePath,
    contents: {
      ...placement,
      sysctls: { ...(closed ? forwardingOff : {}), ...context.sysctls },
      bandwidth: placement.resources.bandwidth,
      checksumOffload: context.checksumOffload,
    },
  };
  return [own, ...(placement.kind === "shard" ? probePlaces(placement, context) : [])];
}

function probePlaces(
  { uid, probe }: InstancePlacement & { kind: "shard" },
  { checksumOffload }: PlaceContext,
): Place[] {
  const names = probeNamespaces(uid);
  return (["inner", "outer"] as const).map((side) => ({
    ref: names[side],
    path: `/run/netns/${names[side]}`,
    contents: {
      interfaces: [probe[side]],
      routes: side === "inner" ? probe.innerRoutes : probe.outerRoutes,
      sysctls: {},
      checksumOffload,
    },
  }));
}

function plannedLink(
  uid: string,
  placed: PlacedInterface,
  namespaceRef: string,
  bandwidth: number | undefined,
): PlannedLink {
  const name = linkName(uid, placed);
  const peer = `peer name ${checkedName(placed.name)} mtu ${placed.mtu} address ${placed.mac} netns ${namespaceRef}`;
  return {
    name,
    // The host end is the switch's alone: the node's own stack shall say nothing on it.
    lines: [`link add ${name} mtu ${placed.mtu} type veth ${peer}`, `link set ${name} addrgenmode none up`],
    shaping: tbfLine(name, bandwidth),
  };
}
