/** Subnets that no network may touch: Weft's own for shards, and those that no router forwards. */
import type { Subnet } from "@weft/schemas";
import { parseSubnet } from "@weft/schemas";

export interface ReservedSubnet {
  readonly subnet: Subnet;
  readonly text: string;
  readonly why: string;
}

export const reservedSubnets: readonly ReservedSubnet[] = (
  [
    ["100.64.0.0/10", "Weft's own, for shards"],
    ["fd77::/16", "Weft's own, for shards"],
    ["0.0.0.0/8", "this host on this network (RFC 1122)"],
    ["127.0.0.0/8", "loopback"],
    ["169.254.0.0/16", "link-local"],
    ["224.0.0.0/4", "multicast"],
    ["240.0.0.0/4", "reserved (RFC 1112)"],
    ["::/8", "loopback and unspecified"],
    ["fe80::/10", "link-local"],
    ["ff00::/8", "multicast"],
  ] as const
).map(([text, why]) => ({ subnet: parseSubnet(text), text, why }));
