/**
 * Configurations that the functions themselves must judge, with the networks that they may name.
 * Those of groups that come with the request, and those that are there and may name a network that goes.
 */
import { intentKey } from "@weft/schemas";
import type { Deletion } from "./check-deletions.ts";
import type { KnownFunction } from "./check-groups.ts";
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

/** Stands for the subnets of a network that is in the request but not readable (RFC 5737). */
const someSubnet = "192.0.2.0/24";

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
  return groups
    .filter(({ document }) => request.functions.some(({ name }) => name === document.spec.function))
    .map(({ document, path }) => ({
      group: document.metadata.name,
      function: document.spec.function,
      config: document.spec.config,
      networks: networksOf(world, document.metadata.tenant, request.unclear),
      path,
    }));
}

function networksOf(
  world: WantedWorld,
  tenant: string,
  unclear: ReadonlySet<string>,
): Record<string, readonly string[]> {
  const beginning = intentKey("Network", tenant, "");
  const unread = [...unclear].filter((key) => key.startsWith(beginning));
  return Object.fromEntries([
    ...unread.map((key) => [key.slice(beginning.length), [someSubnet]] as const),
    ...world
      .all("Network", tenant)
      .map(({ document }) => [document.metadata.name, document.spec.subnets] as const),
  ]);
}
