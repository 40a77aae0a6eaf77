/**
 * Configurations that the functions themselves must judge, with the networks that they may name.
 * Those of groups that come with the request, and those that are there and may name a network that goes.
 */
import { formatSubnet, intentKey } from "@weft/schemas";
import type { Deletion } from "./check-deletions.ts";
import type { KnownFunction } from "./check-groups.ts";
import { subnetsOf } from "./check-networks.ts";
import type { WantedWorld } from "./wanted-world.ts";

export interface ConfigToCheck {
  readonly group: string;
  readonly function: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Subnets of every network of the tenant after the request. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
  /** Path of the document that brings it; undefined for a group that is there and stays as it is. */
  readonly path: string | undefined;
}

/** Stand for the subnets of a network that is in the request but not readable (RFC 5737, RFC 3849). */
const someSubnets = ["192.0.2.0/24", "2001:db8::/32"];

export function configsToCheck(
  world: WantedWorld,
  request: {
    readonly functions: readonly KnownFunction[];
    readonly unclear: ReadonlySet<string>;
    readonly deletions: readonly Deletion[];
  },
): ConfigToCheck[] {
  const losing = request.deletions.filter(({ kind }) => kind === "Network").map(({ tenant }) => tenant);
  const staying = [...new Set(losing)].flatMap((tenant) => world.all("FunctionGroup", tenant));
  const groups = [...world.coming("FunctionGroup"), ...staying.filter(({ path }) => path === undefined)];
  return groups.flatMap(({ document, path }) => {
    const { function: name, config } = document.spec;
    if (name === undefined || config === undefined) return [];
    if (!request.functions.some((known) => known.name === name)) return [];
    const networks = {
      ...networksOf(world, document.metadata.tenant, request.unclear),
      ...(world.mayHaveMore("Network", document.metadata.tenant) ? anyNetworkIn(config) : {}),
    };
    return [{ group: document.metadata.name, function: name, config, networks, path }];
  });
}

/** Any text of a configuration may be the name of a network whose document cannot be read. */
function anyNetworkIn(value: unknown): Record<string, readonly string[]> {
  if (typeof value === "string") return { [value]: someSubnets };
  if (typeof value !== "object" || value === null) return {};
  return Object.assign({}, ...Object.values(value).map(anyNetworkIn));
}

function networksOf(
  world: WantedWorld,
  tenant: string,
  unclear: ReadonlySet<string>,
): Record<string, readonly string[]> {
  const beginning = intentKey("Network", tenant, "");
  const unread = [...unclear].filter((key) => key.startsWith(beginning));
  return Object.fromEntries([
    ...unread.map((key) => [key.slice(beginning.length), someSubnets] as const),
    ...world
      .all("Network", tenant)
      .map(
        ({ document }) =>
          [document.metadata.name, subnetsOf(document)?.map(formatSubnet) ?? someSubnets] as const,
      ),
  ]);
}
