/**
 * Chains: networks and groups are there, traffic is possible at all, and no two chains claim the same traffic.
 * A chain takes both directions between its networks, so which of them is `from` makes no difference to a clash.
 */
import { ChainProtocol } from "@weft/schemas";
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
  const { from, to, through = [] } = document.spec;
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
  const subnets = (name: string | undefined) => {
    const network = name === undefined ? undefined : world.find("Network", tenant, name);
    return network === undefined || network === "unclear" ? undefined : subnetsOf(network.document);
  };
  const [from, to] = [subnets(chain.spec.from), subnets(chain.spec.to)];
  if (from === undefined || to === undefined) return true;
  const families = to.map(({ family }) => family);
  return from.some(({ family }) => families.includes(family));
}

function checkClashes(chain: ChainResident, world: WantedWorld): Finding[] {
  if (!chain.named) return [];
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
  if (endsOf(a) === undefined || endsOf(a) !== endsOf(b)) return false;
  return protocolsOf(a).some((protocol) => protocolsOf(b).includes(protocol));
}

/** The same for both directions; undefined where one of them cannot be read. */
function endsOf({ spec: { from, to } }: DocumentOf<"Chain">): string | undefined {
  return from === undefined || to === undefined ? undefined : [from, to].toSorted().join(" ");
}

function protocolsOf({ spec: { match } }: DocumentOf<"Chain">): readonly ChainProtocol[] {
  return match === undefined ? ChainProtocol.options : match.flatMap((one) => one?.protocol ?? []);
}
