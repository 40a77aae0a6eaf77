/**
 * Documents with the tenant of --tenant, where they name none; one that names another has a fault. `usual` is for those that
 * name none either way. Pure.
 */
import type { LocatedFault, ReadDocument } from "./read-files.ts";

export interface TenantedDocuments {
  readonly documents: readonly ReadDocument[];
  readonly faults: readonly LocatedFault[];
}

export function withTenant(
  documents: readonly ReadDocument[],
  { tenant, usual }: { readonly tenant: string | undefined; readonly usual?: string | undefined },
): TenantedDocuments {
  const given = tenant ?? usual;
  if (given === undefined) return { documents, faults: [] };
  const faults: LocatedFault[] = [];
  const changed = documents.map((document): ReadDocument => {
    const { value } = document;
    if (!isObject(value)) return document;
    const metadata = value["metadata"];
    if (metadata !== undefined && !isObject(metadata)) return document;
    const own = metadata?.["tenant"];
    if (own !== undefined && tenant === undefined) return document;
    const differs = own !== undefined && own !== tenant;
    if (differs) faults.push(document.locate("metadata.tenant", `differs from --tenant ${tenant}`));
    // Whose it is stays open then: as no tenant's it is checked for all else, and can never be let in.
    return { ...document, value: { ...value, metadata: { ...metadata, tenant: differs ? null : given } } };
  });
  return { documents: changed, faults };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
