/**
 * Networks against each other and against what they may not touch.
 * All networks of a tenant hang on one router, so no two of them may overlap.
 */
import type { Subnet } from "@weft/schemas";
import { bitsOf, formatSubnet, overlaps, parseSubnet } from "@weft/schemas";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import { reservedSubnets } from "./reserved-subnets.ts";
import type { DocumentOf, Resident, WantedWorld } from "./wanted-world.ts";
import { asWhole } from "./wanted-world.ts";

type NetworkResident = Resident<"Network"> & { path: string };

export function checkNetworks(world: WantedWorld): Finding[] {
  const coming = world.coming("Network");
  const tenants = new Set(coming.map(({ document }) => document.metadata.tenant));
  const taken = new Map([...tenants].map((tenant) => [tenant, takenSubnets(world, tenant)]));
  return coming.flatMap((network) => [
    ...checkEachSubnet(network),
    ...checkFamilies(network),
    ...checkNeighbours(network, taken.get(network.document.metadata.tenant) ?? []),
    ...checkUsers(network, world),
  ]);
}

/** All its subnets; undefined where not every one can be read. */
export function subnetsOf(network: DocumentOf<"Network">): Subnet[] | undefined {
  const texts = network.spec.subnets;
  const sound = texts?.filter((text) => text !== undefined);
  return sound === undefined || sound.length < (texts?.length ?? 0) ? undefined : sound.map(parseSubnet);
}

/** Those that can be read, with their places. */
function soundSubnets(network: DocumentOf<"Network">): { readonly subnet: Subnet; readonly index: number }[] {
  return (network.spec.subnets ?? []).flatMap((text, index) =>
    text === undefined ? [] : [{ subnet: parseSubnet(text), index }],
  );
}

function subnetPath(network: NetworkResident, index: number): string {
  return `${network.path}.spec.subnets[${index}]`;
}

/** The router takes the first address, a workload needs another, and IPv4 keeps the last for broadcasts. */
function checkEachSubnet(network: NetworkResident): Finding[] {
  return soundSubnets(network.document).flatMap(({ subnet, index }) => {
    const path = subnetPath(network, index);
    const reserved = reservedSubnets
      .filter((one) => overlaps(one.subnet, subnet))
      .map((one) => finding("invalid-document", path, `overlaps ${one.text}, which is reserved: ${one.why}`));
    const longest = bitsOf(subnet.family) - 2;
    if (subnet.prefix <= longest) return reserved;
    const message = `is too small for a router and a host: the longest prefix is /${longest}`;
    return [...reserved, finding("invalid-document", path, message)];
  });
}

function checkFamilies(network: NetworkResident): Finding[] {
  const [first, second, ...more] = soundSubnets(network.document);
  if (first === undefined || second === undefined || first.subnet.family !== second.subnet.family) return [];
  if (more.length > 0) return []; // that there are too many is told by itself
  const message = `is a second IPv${second.subnet.family} subnet: a network has at most one of each family`;
  return [finding("invalid-document", subnetPath(network, second.index), message)];
}

interface TakenSubnet {
  readonly key: string;
  readonly name: string;
  readonly subnet: Subnet;
}

/** Read once for all networks of a request: there may be a thousand, each to be held against each other. */
function takenSubnets(world: WantedWorld, tenant: string): TakenSubnet[] {
  return world
    .all("Network", tenant)
    .flatMap(({ key, document }) =>
      soundSubnets(document).map(({ subnet }) => ({ key, name: document.metadata.name, subnet })),
    );
}

function checkNeighbours(network: NetworkResident, taken: readonly TakenSubnet[]): Finding[] {
  if (!network.named) return [];
  return soundSubnets(network.document).flatMap(({ subnet, index }) =>
    taken
      .filter((other) => other.key !== network.key && overlaps(other.subnet, subnet))
      .map((other) => {
        const message = `overlaps ${formatSubnet(other.subnet)} of the network ${other.name}`;
        return finding("invalid-document", subnetPath(network, index), message);
      }),
  );
}

/** Addresses that the scheduler chose stay valid only while their subnet and its router's address stay. */
function checkUsers(network: NetworkResident, world: WantedWorld): Finding[] {
  const before = world.before.get(network.key);
  const old = before === undefined ? undefined : asWhole(before.value.document);
  if (old?.kind !== "Network") return [];
  const subnets = subnetsOf(network.document);
  if (subnets === undefined) return [];
  const gone = old.spec.subnets
    .map(parseSubnet)
    .some(
      (subnet) =>
        !subnets.some(
          (next) => next.value === subnet.value && overlaps(next, subnet) && next.prefix <= subnet.prefix,
        ),
    );
  if (!gone) return [];
  const { name, tenant } = network.document.metadata;
  const users = world
    .all("Workload", tenant)
    .filter(({ key, document, whole }) => whole && world.before.has(key) && leansOn(document, name))
    .map(({ document }) => document.metadata.name);
  if (users.length === 0) return [];
  const message = `would take the addresses of workloads that use it: ${users.join(", ")}`;
  return [finding("in-use", `${network.path}.spec.subnets`, message)];
}

/** A given address is checked at the workload itself. */
function leansOn(workload: DocumentOf<"Workload">, network: string): boolean {
  return (
    workload.spec.networks?.some((one) => one?.network === network && one.address === undefined) ?? false
  );
}
