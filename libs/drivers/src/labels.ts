/** The marks that things of Weft carry: written by drivers, read back to find what is ours. Reserved: weft.dev/. */
import type { DriverOptions, Identity } from "./port.ts";

export type Role = "holder" | "instance";

export const labels = {
  node: "weft.dev/node",
  tenant: "weft.dev/tenant",
  kind: "weft.dev/kind",
  name: "weft.dev/name",
  placement: "weft.dev/placement",
  lab: "weft.dev/lab",
  role: "weft.dev/role",
  spec: "weft.dev/spec",
} as const;

export function labelsOf(identity: Identity, role: Role, options: DriverOptions): Record<string, string> {
  return {
    [labels.node]: options.node,
    [labels.tenant]: identity.tenant,
    [labels.kind]: identity.kind,
    [labels.name]: identity.name,
    [labels.placement]: identity.placement,
    [labels.role]: role,
    ...(options.lab === undefined ? {} : { [labels.lab]: options.lab }),
  };
}

/** Undefined for what does not carry all of our marks. */
export function identityOf(found: Readonly<Record<string, string>>): Identity | undefined {
  const kind = found[labels.kind];
  const [tenant, name, placement] = [found[labels.tenant], found[labels.name], found[labels.placement]];
  if (kind !== "shard" && kind !== "workload") return undefined;
  if (tenant === undefined || name === undefined || placement === undefined) return undefined;
  return { tenant, kind, name, placement };
}

/** The labels that every thing of this node has, as Docker's filter takes them. */
export function ownFilter(options: DriverOptions): string[] {
  const lab = options.lab === undefined ? [] : [`${labels.lab}=${options.lab}`];
  return [`${labels.node}=${options.node}`, ...lab];
}
