/**
 * Chains: networks and groups are there, traffic is possible at all, and no two chains claim the same traffic.
 * A chain takes both directions between its networks, so which of them is `from` makes no difference to a clash.
 */
import { checkReference } from "./check-reference.ts";
import { subnetsOf } from "./check-networks.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DocumentOf, Resident, WantedWorld } from "./wanted-world.ts";

type ChainResident = Resident<"Chain"> & { path: string };

export function checkChains(world: WantedWorld): Finding[] {
  return [
    ...world
      .coming("Chain")
      .flatMap((chain) => [
        ...checkNames(chain, world),
        ...checkFamilies(chain, world),
        ...checkClashes(chain, world),
      ]),
    ...checkNetworkChanges(world),
  ];
}

function checkNames({ document, path }: ChainResident, world: WantedWorld): Finding[] {
  const { tenant } = document.metadata;
  const { from, to, through } = document.spec;
  return [
    ...checkReference(world, "Network", { tenant, name: from, path: `${path}.spec.from` }),
    ...checkReference(world, "Network", { tenant, name: to, path: `${path}.spec.to` }),
    ...through.flatMap((name, index) =>
      checkReference(world, "FunctionGroup", { tenant, name, path: `${path}.spec.through[${index}]` }),
    ),
  ];
}

function checkFamilies({ document, path }: ChainResident, world: WantedWorld): Finding[] {
  if (shareFamily(document, world)) return [];
  const { from, to } = document.spec;
  return [
    finding("invalid-document", `${path}.spec.to`, `${from} and ${to} have no address family in common`),
  ];
}

/** A network in use that loses the family that its chains need. */
function checkNetworkChanges(world: WantedWorld): Finding[] {
  return world.coming("Network").flatMap(({ document, path }) => {
    const { name, tenant } = document.metadata;
    return world
      .all("Chain", tenant)
      .filter((chain) => chain.path === undefined && joins(chain.document, name))
      .filter((chain) => !shareFamily(chain.document, world))
      .map((chain) => {
        const message = `would leave the networks of the chain ${chain.document.metadata.name} without a common address family`;
        return finding("in-use", `${path}.spec.subnets`, message);
      });
  });
}

function joins(chain: DocumentOf<"Chain">, network: string): boolean {
  return chain.spec.from === network || chain.spec.to === network;
}

function shareFamily(chain: DocumentOf<"Chain">, world: WantedWorld): boolean {
  const { tenant } = chain.metadata;
  const from = world.find("Network", tenant, chain.spec.from);
  const to = world.find("Network", tenant, chain.spec.to);
  if (from === undefined || from === "unclear" || to === undefined || to === "unclear") return true;
  const families = subnetsOf(to.document).map(({ family }) => family);
  return subnetsOf(from.document).some(({ family }) => families.includes(family));
}

function checkClashes(chain: ChainResident, world: WantedWorld): Finding[] {
  return world
    .all("Chain", chain.document.metadata.tenant)
    .filter((other) => other.key !== chain.key && clash(other.document, chain.document))
    .map((other) => {
      const { from, to } = chain.document.spec;
      const message = `the chain ${other.document.metadata.name} takes the same traffic between ${from} and ${to} already`;
      return finding(
        "invalid-document",
        `${chain.path}.spec${chain.document.spec.match === undefined ? "" : ".match"}`,
        message,
      );
    });
}

function clash(a: DocumentOf<"Chain">, b: DocumentOf<"Chain">): boolean {
  const ends = ({ spec }: DocumentOf<"Chain">) => [spec.from, spec.to].toSorted().join(" ");
  if (ends(a) !== ends(b)) return false;
  const protocols = a.spec.match?.map(({ protocol }) => protocol);
  return (
    protocols === undefined ||
    b.spec.match === undefined ||
    b.spec.match.some(({ protocol }) => protocols.includes(protocol))
  );
}
