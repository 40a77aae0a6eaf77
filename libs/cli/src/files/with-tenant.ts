/**
 * Documents with the tenant of --tenant, where they name none; one that names another is refused. `usual` is for those that
 * name none either way. Pure.
 */
import type { LocatedFault, ReadDocument } from "./read-files.ts";
import { FileFaults } from "./read-files.ts";

export function withTenant(
  documents: readonly ReadDocument[],
  { tenant, usual }: { readonly tenant: string | undefined; readonly usual?: string | undefined },
): ReadDocument[] {
  const given = tenant ?? usual;
  if (given === undefined) return [...documents];
  const faults: LocatedFault[] = [];
  const changed = documents.map((document): ReadDocument => {
    const { value } = document;
    if (!isObject(value)) return document;
    const metadata = value["metadata"];
    if (metadata !== undefined && !isObject(metadata)) return document;
    const own = metadata?.["tenant"];
    if (own !== undefined && tenant === undefined) return document;
    if (own !== undefined && own !== tenant)
      faults.push(document.locate("metadata.tenant", `differs from --tenant ${tenant}`));
    return { ...document, value: { ...value, metadata: { ...metadata, tenant: given } } };
  });
  if (faults.length > 0)
    throw new FileFaults("invalid-document", "Documents name another tenant than --tenant does.", faults);
  return changed;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
