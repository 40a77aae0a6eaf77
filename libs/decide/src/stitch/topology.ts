/**
 * The topology of one tenant: a switch for each network and for both sides of each group, one router that joins them,
 * and a port for each interface of a workload, a shard or a probe's host, and for each physical segment. Policies are left to chain-policies.ts.
 */
import type { InstancePlacement, PlacedInterface, Segment, Subnet, UplinkPlacement } from "@weft/schemas";
import { addressAt, formatAddress, parseSubnet } from "@weft/schemas";
import { macOf } from "../schedule/addressing.ts";
import { routerName, routerPortName, segmentPortName, switchName, uplinkName } from "./names.ts";
import type { LogicalNetwork, RouterPort, SwitchPort } from "./network.ts";
import type { TenantWorld } from "./tenant-world.ts";

export interface PlacedSegment {
  readonly segment: Segment;
  readonly subnets: readonly Subnet[];
}

export function topologyOf(world: TenantWorld): Omit<LogicalNetwork, "policies"> {
  const { tenant } = world;
  const segments = segmentsOf(world);
  const switches = segments.map(({ segment }) => named(tenant, switchName(tenant, segment)));
  const known = new Set(switches.map(({ name }) => name));
  const ports = world.instances.flatMap(({ value }) =>
    interfacesOf(value).map((placed) => instancePort(tenant, placed)),
  );
  return {
    switches,
    switchPorts: [
      ...segments.map(({ segment }) => uplink(tenant, segment)),
      ...[...world.uplinks.values()].flatMap((uplink) => segmentPort(uplink, known)),
      // A network that was deleted under its last workload takes the port with it.
      ...ports.filter((port) => known.has(port.switch)),
    ],
    routers: segments.length === 0 ? [] : [named(tenant, routerName(tenant))],
    routerPorts: segments.map((placed) => routerPort(tenant, placed)),
  };
}

export function segmentsOf(world: TenantWorld): PlacedSegment[] {
  const networks = [...world.networks.values()].map(({ document }) => ({
    segment: { kind: "network", name: document.metadata.name } as const,
    subnets: document.spec.subnets.map(parseSubnet),
  }));
  const sides = [...world.groupPlacements.values()].flatMap((group) =>
    (["inner", "outer"] as const).map((kind) => ({
      segment: { kind, name: group.name },
      subnets: group[kind].map(parseSubnet),
    })),
  );
  return [...networks, ...sides];
}

/** Every interface that has a port: a shard's probe hosts count as its own. */
export function interfacesOf(placement: InstancePlacement): PlacedInterface[] {
  return placement.kind === "workload"
    ? placement.interfaces
    : [...placement.interfaces, placement.probe.inner, placement.probe.outer];
}

function named(tenant: string, name: string) {
  return { key: name, tenant, name };
}

function instancePort(tenant: string, { port, mac, addresses, segment }: PlacedInterface): SwitchPort {
  const plain = addresses.map((address) => address.slice(0, address.indexOf("/")));
  return {
    ...named(tenant, port),
    switch: switchName(tenant, segment),
    type: "",
    addresses: [[mac, ...plain].join(" ")],
    options: {},
    tag: undefined,
  };
}

function uplink(tenant: string, segment: Segment): SwitchPort {
  return {
    ...named(tenant, uplinkName(tenant, segment)),
    switch: switchName(tenant, segment),
    type: "router",
    addresses: ["router"],
    options: { "router-port": routerPortName(tenant, segment) },
    tag: undefined,
  };
}

/**
 * The physical segment: an l2gateway is on one chassis, and every other one reaches it by tunnel. A localnet port is on each
 * that has the segment and on no other: from there neither shards nor workloads reach it (ovn-architecture(7); measured).
 */
function segmentPort(
  { tenant, name, active, vlan, physicalNetwork }: UplinkPlacement,
  known: ReadonlySet<string>,
): SwitchPort[] {
  const network = switchName(tenant, { kind: "network", name });
  if (active === null || !known.has(network)) return [];
  return [
    {
      ...named(tenant, segmentPortName(tenant, name)),
      switch: network,
      type: "l2gateway",
      addresses: ["unknown"],
      options: { network_name: physicalNetwork, "l2gateway-chassis": active.chassis },
      tag: vlan,
    },
  ];
}

function routerPort(tenant: string, { segment, subnets }: PlacedSegment): RouterPort {
  const addresses = subnets.map((subnet) => ({ address: addressAt(subnet, 1), prefix: subnet.prefix }));
  return {
    ...named(tenant, routerPortName(tenant, segment)),
    router: routerName(tenant),
    mac: macOf(addresses.map(({ address }) => address)),
    networks: addresses.map(({ address, prefix }) => `${formatAddress(address)}/${prefix}`),
  };
}
