/** Names of what Weft puts into the northbound database; ports of workloads and shards have theirs from the placement. */
import type { Segment } from "@weft/schemas";

export function switchName(tenant: string, { kind, name }: Segment): string {
  return `weft.${tenant}.${kind}.${name}`;
}
export function routerName(tenant: string): string {
  return `weft.${tenant}.router`;
}
export function routerPortName(tenant: string, { kind, name }: Segment): string {
  return `weft.${tenant}.lrp.${kind}.${name}`;
}
/** The network's end of the cable to its physical segment. */
export function segmentPortName(tenant: string, network: string): string {
  return `weft.${tenant}.uplink.${network}`;
}
/** The switch's end of the cable to the router. */
export function uplinkName(tenant: string, { kind, name }: Segment): string {
  return `weft.${tenant}.lsp.${kind}.${name}`;
}
