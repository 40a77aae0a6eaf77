/**
 * The two ends of a flow: a workload by its name, or an address, which may be a workload's.
 * Reads intents and placements. Faults name the parameter that they are about.
 */
import type { Address, Family, Fault, Network, TraceEnd, WorkloadPlacement } from "@weft/schemas";
import { contains, formatAddress, isLabel, parseAddress, parseSubnet, recordKey } from "@weft/schemas";
import type { StatusWorld } from "../status/world.ts";

export interface FoundEnd extends TraceEnd {
  readonly at: Address;
}

interface Possible {
  readonly ends: readonly FoundEnd[];
  readonly fault?: Fault;
}

export type Ends = { readonly from: FoundEnd; readonly to: FoundEnd } | { readonly faults: readonly Fault[] };

/** Of both ends an address of one family, IPv4 where both have it. */
export function endsOf(
  asked: { readonly from: string; readonly to: string },
  tenant: string,
  world: StatusWorld,
): Ends {
  const [from, to] = [possible("from", asked.from), possible("to", asked.to)];
  const faults = [from.fault, to.fault].filter((fault) => fault !== undefined);
  if (faults.length > 0) return { faults };
  for (const family of [4, 6] as const) {
    const [a, b] = [ofFamily(from, family), ofFamily(to, family)];
    if (a !== undefined && b !== undefined) return { from: a, to: b };
  }
  return {
    faults: [{ path: "?to", message: `"${asked.from}" and "${asked.to}" have no address family in common` }],
  };

  function possible(parameter: string, text: string): Possible {
    const ends = text.startsWith("workload/")
      ? workloadEnds(text.slice("workload/".length), tenant, world)
      : addressEnds(text, tenant, world);
    return typeof ends === "string"
      ? { ends: [], fault: { path: `?${parameter}`, message: ends } }
      : { ends };
  }
}

function ofFamily({ ends }: Possible, family: Family): FoundEnd | undefined {
  return ends.find(({ at }) => at.family === family);
}

function workloadEnds(name: string, tenant: string, world: StatusWorld): FoundEnd[] | string {
  if (!isLabel(name)) return `"${name}" is no name of a workload`;
  const placed = world.placements.get(recordKey("workload", tenant, name))?.value;
  if (placed?.kind !== "workload") return `there is no workload ${name} that has a place`;
  const ends = endsOfWorkload(placed);
  return ends.length > 0 ? ends : `workload/${name} is on no network`;
}

function endsOfWorkload({ name, node, interfaces }: WorkloadPlacement): FoundEnd[] {
  return interfaces.flatMap(({ addresses, segment }) =>
    addresses.map((text) => {
      const address = text.slice(0, text.indexOf("/"));
      return { workload: name, network: segment.name, address, node, at: parseAddress(address) };
    }),
  );
}

function addressEnds(text: string, tenant: string, world: StatusWorld): FoundEnd[] | string {
  const at = addressOf(text);
  if (at === undefined) return `"${text}" is neither workload/NAME nor an address`;
  const owned = [...world.placements.values()]
    .flatMap(({ value }) =>
      value.kind === "workload" && value.tenant === tenant ? endsOfWorkload(value) : [],
    )
    .find((end) => end.at.family === at.family && end.at.value === at.value);
  if (owned !== undefined) return [owned];
  const network = networksOf(tenant, world).find(({ spec }) =>
    spec.subnets.some((subnet) => contains(parseSubnet(subnet), at)),
  );
  if (network === undefined) return `${text} is in no network of the tenant ${tenant}`;
  return [{ workload: null, network: network.metadata.name, address: formatAddress(at), node: null, at }];
}

function addressOf(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}

function networksOf(tenant: string, { intents }: StatusWorld): Network[] {
  return [...intents.values()].flatMap(({ value: { document } }) =>
    document.kind === "Network" && document.metadata.tenant === tenant ? [document] : [],
  );
}
