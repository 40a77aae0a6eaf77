/** Where the REST API has things. Names are escaped: whatever a user wrote stays one segment of the path. */
import type { Kind } from "@weft/schemas";
import { kinds } from "@weft/schemas";

export function scopeOf(tenant: string | undefined): string {
  return tenant === undefined ? "/v1" : `/v1/tenants/${segment(tenant)}`;
}

export function pathOf(kind: Kind, tenant?: string, name?: string): string {
  const all = `${scopeOf(tenant)}/${kinds[kind].plural}`;
  return name === undefined ? all : `${all}/${segment(name)}`;
}

export function segment(name: string): string {
  return encodeURIComponent(name);
}
