/**
 * Workloads: their networks are there, and a given address is inside its network and nobody else's.
 * Addresses that are not given are the scheduler's matter.
 */
import type { Subnet } from "@weft/schemas";
import { addressAt, bitsOf, contains, formatAddress, formatSubnet, parseAddress } from "@weft/schemas";
import { subnetsOf } from "./check-networks.ts";
import { checkReference } from "./check-reference.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DocumentOf, Resident, WantedWorld } from "./wanted-world.ts";

type WorkloadResident = Resident<"Workload">;

export function checkWorkloads(world: WantedWorld): Finding[] {
  const takers = addressTakers(world);
  const coming = world.coming("Workload").flatMap((workload) => {
    const { tenant, name } = workload.document.metadata;
    return (workload.document.spec.networks ?? []).flatMap((one, index) => {
      const { network, address } = one ?? {};
      if (network === undefined) return [];
      const path = `${workload.path}.spec.networks[${index}]`;
      const found = world.find("Network", tenant, network);
      if (found === undefined || found === "unclear")
        return checkReference(world, "Network", { tenant, name: network, path: `${path}.network` });
      if (address === undefined) return [];
      const problem = addressProblem(address, found.document);
      const all = workload.named ? takers.get(takerKey(tenant, network, address)) : undefined;
      const taken = (all ?? []).filter((other) => other !== name);
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
    const { tenant } = document.metadata;
    return world
      .all("Workload", tenant)
      .filter((workload) => workload.path === undefined)
      .flatMap((workload) => orphanedAddresses(workload, document))
      .map(({ address, workload }) =>
        finding("in-use", `${path}.spec.subnets`, `would take ${address} of the workload ${workload}`),
      );
  });
}

function orphanedAddresses(resident: WorkloadResident, network: DocumentOf<"Network">) {
  return (resident.document.spec.networks ?? []).flatMap((one) =>
    one?.network === network.metadata.name &&
    one.address !== undefined &&
    addressProblem(one.address, network) !== undefined
      ? [{ address: one.address, workload: resident.document.metadata.name }]
      : [],
  );
}

/** Why a workload cannot have the address in the network; undefined when it can. */
function addressProblem(text: string, network: DocumentOf<"Network">): string | undefined {
  const address = parseAddress(text);
  const subnets = subnetsOf(network);
  if (subnets === undefined) return undefined; // which one is meant cannot be read
  const subnet = subnets.find((one) => contains(one, address));
  if (subnet === undefined) return `is not in the network's subnets: ${subnets.map(formatSubnet).join(", ")}`;
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
      for (const one of document.spec.networks ?? [])
        if (one?.network !== undefined && one.address !== undefined) {
          const key = takerKey(tenant, one.network, one.address);
          takers.set(key, [...(takers.get(key) ?? []), document.metadata.name]);
        }
  return takers;
}
