/**
 * What an agent does for the uplinks that name its node: pure, from placements, links, bridges and OVN's bridge mappings.
 * An interface that a bridge of the host's own holds already is used where it is; one that carries the host's addresses is
 * left alone, since taking it would cut the host off. Only bridges and mappings of Weft's are ever removed.
 */
import type { RealizedRecord, UplinkPlacement } from "@weft/schemas";
import { uplinkKey } from "@weft/schemas";
import { canonicalText } from "../admit/canonical.ts";
import type { DeleteRealized, PutRealized } from "./step.ts";

export interface BridgePort {
  readonly name: string;
  /** The far end does not answer on the wire: Open vSwitch says that the link is down. */
  readonly down: boolean;
  /** Why Open vSwitch could not take the link up; undefined: it did, or has not tried yet. */
  readonly error?: string;
}
export interface SeenBridge {
  readonly name: string;
  /** Weft made it, for this interface. */
  readonly madeFor: string | undefined;
  readonly ports: readonly BridgePort[];
}
export interface UplinksSeen {
  readonly node: string;
  /** Those that name this node. */
  readonly placements: readonly { readonly revision: number; readonly placement: UplinkPlacement }[];
  /** Every link of the node, with the addresses that the host has on it; link-local ones do not count. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  readonly bridges: readonly SeenBridge[];
  /** ovn-bridge-mappings: physical network → bridge, of whoever. */
  readonly mappings: ReadonlyMap<string, string>;
  /** Why a step failed last, by its interface or physical network; it is tried again with each look. */
  readonly failures: ReadonlyMap<string, string>;
  /** What this node's agent reported of uplinks, by key. */
  readonly realized: ReadonlyMap<string, RealizedRecord>;
}

interface Reasoned<Kind extends string> {
  readonly kind: Kind;
  readonly why: string;
}
export interface MakeBridge extends Reasoned<"makeBridge"> {
  readonly interface: string;
}
export interface RemoveBridge extends Reasoned<"removeBridge"> {
  readonly bridge: string;
}
export interface MapNetwork extends Reasoned<"mapNetwork"> {
  readonly physicalNetwork: string;
  readonly bridge: string;
}
export interface UnmapNetwork extends Reasoned<"unmapNetwork"> {
  readonly physicalNetwork: string;
}
export type UplinkStep = MakeBridge | RemoveBridge | MapNetwork | UnmapNetwork | PutRealized | DeleteRealized;

/** Physical networks of Weft's begin with it; others in ovn-bridge-mappings are somebody else's. */
const ownPrefix = "weft-";

export function decideUplinkBridges(seen: UplinksSeen): UplinkStep[] {
  const wanted = new Map(
    seen.placements.map(({ placement }) => [placement.physicalNetwork, placement.interface]),
  );
  return [
    ...reports(seen),
    ...[...wanted].flatMap(([physicalNetwork, link]) => connect(physicalNetwork, link, seen)),
    ...surplus(new Set(wanted.values()), new Set(wanted.keys()), seen),
  ];
}

function connect(physicalNetwork: string, link: string, seen: UplinksSeen): UplinkStep[] {
  const bridge = holderOf(link, seen);
  if (bridge === undefined)
    return obstacleTo(link, seen) === undefined
      ? [{ kind: "makeBridge", interface: link, why: "no bridge holds the interface" }]
      : [];
  if (seen.mappings.get(physicalNetwork) === bridge.name) return [];
  const why = `${bridge.name} holds the interface ${link}`;
  return [{ kind: "mapNetwork", physicalNetwork, bridge: bridge.name, why }];
}

function surplus(
  links: ReadonlySet<string>,
  networks: ReadonlySet<string>,
  { bridges, mappings }: UplinksSeen,
): UplinkStep[] {
  const why = "no uplink asks for it any more";
  const unmapped = [...mappings.keys()]
    .filter((name) => name.startsWith(ownPrefix) && !networks.has(name))
    .map((physicalNetwork) => ({ kind: "unmapNetwork" as const, physicalNetwork, why }));
  const removed = bridges
    .filter(({ madeFor }) => madeFor !== undefined && !links.has(madeFor))
    .map(({ name }) => ({ kind: "removeBridge" as const, bridge: name, why }));
  return [...unmapped, ...removed];
}

function holderOf(link: string, { bridges }: UplinksSeen): SeenBridge | undefined {
  return bridges.find(({ ports }) => ports.some(({ name }) => name === link));
}

/** Why the segment cannot be connected here; undefined when nothing is in the way. */
function obstacleTo(link: string, seen: UplinksSeen): string | undefined {
  const addresses = seen.links.get(link);
  if (addresses === undefined) return `there is no interface ${link} on ${seen.node}`;
  const holder = holderOf(link, seen);
  if (holder === undefined)
    return addresses.length === 0
      ? undefined
      : `${link} carries addresses of ${seen.node} itself (${addresses.join(", ")}), which would be cut off: take them off first`;
  const port = holder.ports.find(({ name }) => name === link);
  if (port?.error !== undefined) return `Open vSwitch on ${seen.node} cannot take ${link}: ${port.error}`;
  return port?.down === true ? `${link} on ${seen.node} has no carrier: is the cable in?` : undefined;
}

function reports(seen: UplinksSeen): (PutRealized | DeleteRealized)[] {
  const keys = new Set<string>();
  const puts = seen.placements.flatMap(({ placement, revision }): PutRealized[] => {
    const { tenant, name, intentUid } = placement;
    const key = uplinkKey(tenant, name, seen.node);
    keys.add(key);
    const record = realizedOf(placement, revision, seen);
    const before = seen.realized.get(key);
    if (before !== undefined && canonicalText(before) === canonicalText(record)) return [];
    return [{ kind: "putRealized", uid: intentUid, key, record, why: `its uplink is ${record.state}` }];
  });
  const gone = [...seen.realized]
    .filter(([key]) => !keys.has(key))
    .map(([key, { placementUid }]): DeleteRealized => {
      return { kind: "deleteRealized", uid: placementUid, key, why: "no uplink asks for it any more" };
    });
  return [...puts, ...gone];
}

function realizedOf(placement: UplinkPlacement, revision: number, seen: UplinksSeen): RealizedRecord {
  const { tenant, name, intentUid, generation, interface: link, physicalNetwork } = placement;
  const holder = holderOf(link, seen);
  const connected = holder !== undefined && seen.mappings.get(physicalNetwork) === holder.name;
  const failure = connected ? undefined : (seen.failures.get(link) ?? seen.failures.get(physicalNetwork));
  const message = obstacleTo(link, seen) ?? failure;
  const made = connected ? "running" : "creating";
  return {
    kind: "uplink",
    tenant,
    name,
    node: seen.node,
    placementUid: intentUid,
    placementRevision: revision,
    generation,
    state: message === undefined ? made : "failed",
    ...(holder === undefined ? {} : { instance: holder.name }),
    restarts: 0,
    ...(message === undefined ? {} : { fault: { code: "unavailable", message } }),
  };
}
