/**
 * Isolation: what comes in by a network's router port stays in that network unless a chain takes it.
 * The network's own subnets are let through, since the router's answers (ping, ICMP errors) pass the policies with that port too.
 */
import { formatSubnet, parseSubnet } from "@weft/schemas";
import type { Network } from "@weft/schemas";
import { routerName, routerPortName } from "./names.ts";
import type { RouterPolicy } from "./network.ts";

const ownPriority = 2;
const dropPriority = 1;
const linkLocal6 = "fe80::/10";

export function isolationOf(tenant: string, { metadata, spec }: Network): RouterPolicy[] {
  const { name } = metadata;
  const inport = `inport == "${routerPortName(tenant, { kind: "network", name })}"`;
  const own = spec.subnets.map(parseSubnet).map((subnet) => {
    const text = formatSubnet(subnet);
    return subnet.family === 4 ? `ip4.dst == ${text}` : `ip6.dst == {${text}, ${linkLocal6}}`;
  });
  const policy = { tenant, router: routerName(tenant), nexthops: [] };
  const key = `isolation/${tenant}/${name}`;
  return [
    {
      ...policy,
      key: `${key}/own`,
      priority: ownPriority,
      match: `${inport} && (${own.join(" || ")})`,
      action: "allow",
    },
    { ...policy, key: `${key}/drop`, priority: dropPriority, match: inport, action: "drop" },
  ];
}
