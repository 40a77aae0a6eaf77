/**
 * What a shard's placement says: two interfaces, routes that send whatever came in by one out by the other,
 * and the two probe hosts that can reach each other only through the shard.
 */
import type {
  FunctionGroup,
  GroupPlacement,
  IntentRecord,
  PlacedInterface,
  PlacedRoute,
  ProbePlacement,
  ShardPlacement,
  Subnet,
} from "@weft/schemas";
import {
  bitsOf,
  bitsPerSecond,
  bytesCount,
  cpuCores,
  formatAddress,
  formatSubnet,
  parseSubnet,
  shardName,
} from "@weft/schemas";
import {
  defaultRoute,
  interfaceAddress,
  macOf,
  portName,
  probeAddress,
  routerAddress,
  shardAddress,
} from "./addressing.ts";
import type { NewShard } from "./step.ts";

export interface ShardOrder {
  readonly intent: IntentRecord & { readonly document: FunctionGroup };
  readonly revision: number;
  readonly group: GroupPlacement;
  readonly networks: ShardPlacement["networks"];
}

export function newShard(order: ShardOrder, index: number, node: string): NewShard {
  const { intent, group } = order;
  const { spec } = intent.document;
  const owner = { tenant: group.tenant, name: shardName(group.name, index) };
  return {
    kind: "shard",
    ...owner,
    intentUid: intent.uid,
    intentRevision: order.revision,
    generation: intent.generation,
    node,
    runtime: spec.runtime,
    ...(spec.image === undefined ? {} : { image: spec.image }),
    resources: shardResources(spec.resources),
    interfaces: shardInterfaces(group, owner, index),
    routes: shardRoutes(group),
    leaving: false,
    group: group.name,
    index,
    function: spec.function,
    config: spec.config,
    networks: order.networks,
    probe: shardProbe(group, owner, index),
  };
}

export function shardResources(resources: FunctionGroup["spec"]["resources"]): ShardPlacement["resources"] {
  const { cpu, memory, bandwidth } = resources;
  return {
    ...(cpu === undefined ? {} : { cpu: cpuCores(cpu) }),
    ...(memory === undefined ? {} : { memory: bytesCount(memory) }),
    ...(bandwidth === undefined ? {} : { bandwidth: bitsPerSecond(bandwidth) }),
  };
}

type Owner = { readonly tenant: string; readonly name: string };
const sides = [
  { name: "in0", segment: "inner", other: { name: "out0", segment: "outer" } },
  { name: "out0", segment: "outer", other: { name: "in0", segment: "inner" } },
] as const;

function shardInterfaces(group: GroupPlacement, owner: Owner, index: number): PlacedInterface[] {
  return sides.map(({ name, segment }) => {
    const addresses = group[segment]
      .map(parseSubnet)
      .map((subnet) => ({ ...shardAddress(subnet, index), prefix: subnet.prefix }));
    return {
      name,
      port: portName("shard", owner, name),
      segment: { kind: segment, name: group.name },
      mac: macOf(addresses),
      addresses: addresses.map((address) => interfaceAddress(address, address.prefix)),
      mtu: group.mtu,
    };
  });
}

/** Routed by the interface of arrival, so that the routes do not depend on which chains there are. */
function shardRoutes(group: GroupPlacement): PlacedRoute[] {
  const passing = sides.flatMap(({ name: arrivedOn, other }) =>
    group[other.segment].map(parseSubnet).flatMap((subnet) => [
      { to: formatSubnet(subnet), interface: other.name, arrivedOn },
      { ...viaRouter(subnet), interface: other.name, arrivedOn },
    ]),
  );
  const own = group.outer.map(parseSubnet).map((subnet) => ({ ...viaRouter(subnet), interface: "out0" }));
  return [...passing, ...own];
}

function viaRouter(subnet: Subnet): { to: string; via: string } {
  return { to: defaultRoute(subnet.family), via: formatAddress(routerAddress(subnet)) };
}

function shardProbe(group: GroupPlacement, owner: Owner, index: number): ProbePlacement {
  return {
    inner: probeInterface(group, owner, { index, segment: "inner", name: "probe-in" }),
    innerRoutes: probeRoutes(group, index, { from: "inner", to: "outer", name: "probe-in" }),
    outer: probeInterface(group, owner, { index, segment: "outer", name: "probe-out" }),
    outerRoutes: probeRoutes(group, index, { from: "outer", to: "inner", name: "probe-out" }),
    targets: group.outer.map((text) => formatAddress(probeAddress(parseSubnet(text), index))),
  };
}

/** A host route's prefix, so that nothing is on the link but by the routes below. */
function probeInterface(
  group: GroupPlacement,
  owner: Owner,
  at: { readonly index: number; readonly segment: "inner" | "outer"; readonly name: string },
): PlacedInterface {
  const addresses = group[at.segment].map((text) => probeAddress(parseSubnet(text), at.index));
  return {
    name: at.name,
    port: portName("shard", owner, at.name),
    segment: { kind: at.segment, name: group.name },
    mac: macOf(addresses),
    addresses: addresses.map((address) => interfaceAddress(address, bitsOf(address.family))),
    mtu: group.mtu,
  };
}

function probeRoutes(
  group: GroupPlacement,
  index: number,
  way: { readonly from: "inner" | "outer"; readonly to: "inner" | "outer"; readonly name: string },
): PlacedRoute[] {
  return group[way.to].flatMap((text, nth) => {
    const near = group[way.from][nth];
    if (near === undefined) return [];
    return [
      {
        to: formatAddress(probeAddress(parseSubnet(text), index)),
        via: formatAddress(shardAddress(parseSubnet(near), index)),
        interface: way.name,
      },
    ];
  });
}
