/**
 * Ownership: the keys in external_ids that mark a row as Weft's. A row without them is somebody else's and is never touched.
 */
export const ownerKey = "weft-owner";
export const tenantKey = "weft-tenant";

interface Owned {
  readonly key: string;
  readonly tenant: string;
}
type ExternalIds = Readonly<Record<string, string>>;

export function idsOf({ key, tenant }: Owned): ExternalIds {
  return { [ownerKey]: key, [tenantKey]: tenant };
}

export function ownerOf(ids: ExternalIds): Owned | undefined {
  const key = ids[ownerKey];
  return key === undefined ? undefined : { key, tenant: ids[tenantKey] ?? "" };
}
