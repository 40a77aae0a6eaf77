/**
 * What a workload's placement says, and whether the one that is there still says what is wanted.
 * Addresses that it has already are kept while they are valid; the order of `spec.networks` names net0, net1, …
 */
import type {
  Address,
  IntentRecord,
  Network,
  PlacedInterface,
  PlacedRoute,
  Subnet,
  Workload,
  WorkloadPlacement,
} from "@weft/schemas";
import {
  bytesCount,
  contains,
  cpuCores,
  formatAddress,
  intentKey,
  parseAddress,
  parseSubnet,
} from "@weft/schemas";
import { defaultRoute, interfaceAddress, macOf, portName, routerAddress } from "./addressing.ts";
import type { ScheduleSeen } from "./seen.ts";
import type { NewWorkload } from "./step.ts";
import type { Addresses } from "./workload-addresses.ts";
import { bare, isUsable } from "./workload-addresses.ts";

export interface WorkloadOrder {
  readonly intent: IntentRecord & { readonly document: Workload };
  readonly revision: number;
  readonly tenant: string;
  readonly name: string;
}

/** Why the addresses cannot be had now. */
export interface NoAddress {
  readonly reason: "NetworkMissing" | "AddressInUse" | "NoAddressLeft";
  readonly message: string;
}

export type Wiring = Pick<WorkloadPlacement, "interfaces" | "routes">;

/** The interfaces and routes that the workload should have now, keeping what `current` has where that is valid. */
export function wiringOf(
  order: WorkloadOrder,
  seen: ScheduleSeen,
  more: { readonly addresses: Addresses; readonly current: WorkloadPlacement | undefined },
): Wiring | NoAddress {
  const interfaces: PlacedInterface[] = [];
  const attached: { name: string; subnets: Subnet[] }[] = [];
  for (const [index, wanted] of order.intent.document.spec.networks.entries()) {
    const network = networkOf(seen, order.tenant, wanted.network);
    if (network === undefined)
      return { reason: "NetworkMissing", message: `there is no network ${wanted.network}` };
    const subnets = network.spec.subnets.map(parseSubnet);
    const name = `net${index}`;
    const had = more.current?.interfaces.find((one) => one.segment.name === wanted.network)?.addresses ?? [];
    const chosen = addressesIn(subnets, { ...order, ...wanted, had, addresses: more.addresses });
    if ("reason" in chosen) return chosen;
    interfaces.push({
      name,
      port: portName("workload", order, name),
      segment: { kind: "network", name: wanted.network },
      mac: macOf(chosen),
      addresses: chosen.map((address) => interfaceAddress(address, address.prefix)),
      mtu: network.spec.mtu,
    });
    attached.push({ name, subnets });
  }
  return { interfaces, routes: defaultRoutes(attached) };
}

export function newWorkload(order: WorkloadOrder, wiring: Wiring, node: string): NewWorkload {
  const { spec } = order.intent.document;
  return {
    kind: "workload",
    tenant: order.tenant,
    name: order.name,
    intentUid: order.intent.uid,
    intentRevision: order.revision,
    generation: order.intent.generation,
    node,
    runtime: spec.runtime,
    ...(spec.image === undefined ? {} : { image: spec.image }),
    resources: workloadResources(spec.resources),
    ...wiring,
    leaving: false,
    ...(spec.command === undefined ? {} : { command: spec.command }),
  };
}

export function workloadResources(resources: Workload["spec"]["resources"]): WorkloadPlacement["resources"] {
  const { cpu, memory } = resources ?? {};
  return {
    ...(cpu === undefined ? {} : { cpu: cpuCores(cpu) }),
    ...(memory === undefined ? {} : { memory: bytesCount(memory) }),
  };
}

function networkOf(seen: ScheduleSeen, tenant: string, name: string): Network | undefined {
  const document = seen.intents.get(intentKey("Network", tenant, name))?.value.document;
  return document?.kind === "Network" ? document : undefined;
}

interface Asked {
  readonly tenant: string;
  readonly name: string;
  readonly network: string;
  readonly address?: string | undefined;
  readonly had: readonly string[];
  readonly addresses: Addresses;
}

/** One address of each subnet: the given one, or the one it had, or the lowest free. */
function addressesIn(subnets: readonly Subnet[], asked: Asked): (Address & { prefix: number })[] | NoAddress {
  const chosen: (Address & { prefix: number })[] = [];
  for (const subnet of subnets) {
    const address = addressIn(subnet, asked);
    if ("reason" in address) return address;
    chosen.push({ ...address, prefix: subnet.prefix });
  }
  return chosen;
}

function addressIn(subnet: Subnet, asked: Asked): Address | NoAddress {
  const { tenant, network, name, addresses } = asked;
  const given = asked.address === undefined ? undefined : parseAddress(asked.address);
  if (given !== undefined && contains(subnet, given)) {
    const holder = addresses.holder({ tenant, network }, formatAddress(given), name);
    if (holder === undefined) return given;
    return { reason: "AddressInUse", message: `${asked.address ?? ""} still belongs to ${holder}` };
  }
  const kept = asked.had
    .map(bare)
    .find(
      (text) => isUsable(subnet, text) && addresses.holder({ tenant, network }, text, name) === undefined,
    );
  if (kept !== undefined) return parseAddress(kept);
  const free = addresses.lowestFree({ tenant, network }, subnet);
  return free ?? { reason: "NoAddressLeft", message: `the network ${network} has no address left` };
}

/** The first interface with a family has the default route of that family. */
function defaultRoutes(attached: readonly { name: string; subnets: readonly Subnet[] }[]): PlacedRoute[] {
  return ([4, 6] as const).flatMap((family) => {
    for (const { name, subnets } of attached) {
      const subnet = subnets.find((one) => one.family === family);
      if (subnet !== undefined)
        return [{ to: defaultRoute(family), via: formatAddress(routerAddress(subnet)), interface: name }];
    }
    return [];
  });
}
