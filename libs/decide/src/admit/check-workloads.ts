/**
 * Workloads: their networks are there, and a given address is inside its network and nobody else's.
 * Addresses that are not given are the scheduler's matter.
 */
import type { Subnet } from "@weft/schemas";
import { addressAt, bitsOf, contains, formatAddress, parseAddress, parseSubnet } from "@weft/schemas";
import { checkReference } from "./check-reference.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Resident, WantedWorld } from "./wanted-world.ts";

type WorkloadResident = Resident<"Workload">;

export function checkWorkloads(world: WantedWorld): Finding[] {
  const takers = addressTakers(world);
  const coming = world.coming("Workload").flatMap((workload) => {
    const { tenant, name } = workload.document.metadata;
    return workload.document.spec.networks.flatMap(({ network, address }, index) => {
      const path = `${workload.path}.spec.networks[${index}]`;
      const found = world.find("Network", tenant, network);
      if (found === undefined || found === "unclear")
        return checkReference(world, "Network", { tenant, name: network, path: `${path}.network` });
      if (address === undefined) return [];
      const problem = addressProblem(address, found.document.spec.subnets);
      const taken = (takers.get(takerKey(tenant, network, address)) ?? []).filter((other) => other !== name);
      return [
        ...(problem === undefined ? [] : [finding("invalid-document", `${path}.address`, problem)]),
        ...taken.map((other) =>
          finding("invalid-document", `${path}.address`, `is the address of the workload ${other} already`),
        ),
      ];
    });
  });
  return [...coming, ...orphans(world)];
}

/** Workloads that are there already and lose their given address by a change of their network. */
function orphans(world: WantedWorld): Finding[] {
  return world.coming("Network").flatMap(({ document, path }) => {
    const { tenant, name } = document.metadata;
    return world
      .all("Workload", tenant)
      .filter((workload) => workload.path === undefined)
      .flatMap((workload) => orphanedAddresses(workload, name, document.spec.subnets))
      .map(({ address, workload }) =>
        finding("in-use", `${path}.spec.subnets`, `would take ${address} of the workload ${workload}`),
      );
  });
}

function orphanedAddresses(resident: WorkloadResident, network: string, subnets: readonly string[]) {
  return resident.document.spec.networks.flatMap(({ network: name, address }) =>
    name === network && address !== undefined && addressProblem(address, subnets) !== undefined
      ? [{ address, workload: resident.document.metadata.name }]
      : [],
  );
}

/** Why a workload cannot have the address in a network of these subnets; undefined when it can. */
function addressProblem(text: string, subnets: readonly string[]): string | undefined {
  const address = parseAddress(text);
  const subnet = subnets.map(parseSubnet).find((one) => contains(one, address));
  if (subnet === undefined) return `is not in the network's subnets: ${subnets.join(", ")}`;
  if (subnet.prefix > bitsOf(subnet.family) - 2) return undefined; // the network's own fault
  if (address.value === subnet.value) return "is the subnet's own address";
  if (text === formatAddress(addressAt(subnet, 1))) return "is the router's address";
  return address.value === lastOf(subnet) && subnet.family === 4 ? "is the broadcast address" : undefined;
}

function lastOf(subnet: Subnet): bigint {
  return subnet.value + (1n << BigInt(bitsOf(subnet.family) - subnet.prefix)) - 1n;
}

function takerKey(tenant: string, network: string, address: string): string {
  return `${tenant}/${network}/${address}`;
}

function addressTakers(world: WantedWorld): Map<string, string[]> {
  const takers = new Map<string, string[]>();
  const tenants = new Set(world.coming("Workload").map(({ document }) => document.metadata.tenant));
  for (const tenant of tenants)
    for (const { document } of world.all("Workload", tenant))
      for (const { network, address } of document.spec.networks)
        if (address !== undefined) {
          const key = takerKey(tenant, network, address);
          takers.set(key, [...(takers.get(key) ?? []), document.metadata.name]);
        }
  return takers;
}
