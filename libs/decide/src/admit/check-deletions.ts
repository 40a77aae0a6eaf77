/** Deletions: the resource is there, nothing that stays needs it, and it is the one that the asker saw. */
import type { Kind } from "@weft/schemas";
import { intentKey } from "@weft/schemas";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { WantedWorld } from "./wanted-world.ts";

export interface Deletion {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
  readonly ifRevision?: number | undefined;
  /** Where it stands in the request, e.g. resources[2]; left out for a request that is about it alone. */
  readonly path?: string;
}

export function checkDeletions(world: WantedWorld, deletions: readonly Deletion[]): Finding[] {
  const keys = deletions.map(({ kind, tenant, name }) => intentKey(kind, tenant, name));
  return deletions.flatMap((deletion, index) => {
    const { kind, tenant, name, ifRevision } = deletion;
    const at = (field: string) => (deletion.path === undefined ? field : `${deletion.path}.${field}`);
    const key = intentKey(kind, tenant, name);
    const known = world.before.get(key);
    if (known === undefined)
      return [finding("not-found", at("name"), `there is no ${kind} ${name} in the tenant ${tenant}`)];
    const users = usersOf(world, deletion);
    const twice = keys.indexOf(key) !== index;
    return [
      ...(twice ? [finding("invalid-request", at("name"), "is in this request more than once")] : []),
      ...(users.length === 0 ? [] : [finding("in-use", at("name"), `is needed by ${users.join(", ")}`)]),
      ...(ifRevision === undefined || ifRevision === known.revision
        ? []
        : [
            finding(
              "conflict",
              at("ifRevision"),
              `is ${ifRevision}, but the resource is at ${known.revision}`,
            ),
          ]),
    ];
  });
}

/** Names as the command line takes them, e.g. chain/edge. */
function usersOf(world: WantedWorld, { kind, tenant, name }: Deletion): string[] {
  const chains = world.all("Chain", tenant).map(({ document }) => document);
  const named = (uses: typeof chains) => uses.map(({ metadata }) => `chain/${metadata.name}`);
  switch (kind) {
    case "Network":
      return [
        ...named(chains.filter(({ spec }) => spec.from === name || spec.to === name)),
        ...world
          .all("Workload", tenant)
          .filter(({ document }) => document.spec.networks?.some((one) => one?.network === name))
          .map(({ document }) => `workload/${document.metadata.name}`),
      ];
    case "FunctionGroup":
      return named(chains.filter(({ spec }) => spec.through?.includes(name)));
    case "Workload":
    case "Chain":
    case "NodePolicy":
      return [];
  }
}
