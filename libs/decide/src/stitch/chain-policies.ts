/**
 * The policies of one chain: at each hop and both ways, slots to their shards' addresses, and beneath them a drop.
 * Reads the chain, its groups' addresses and the slots' owners. northd skips a policy whose next hop is on no connected
 * network, and traffic would pass unfiltered: hence the drop (allow, for onFailure open) in the same transaction.
 */
import type { Chain, Family, GroupPlacement, ShardPlacement, Subnet } from "@weft/schemas";
import { parseSubnet } from "@weft/schemas";
import type { SlotMask } from "../slots/masks-of.ts";
import { routerName, routerPortName } from "./names.ts";
import type { RouterPolicy } from "./network.ts";
import type { Way } from "./slot-match.ts";
import { addressMatch, portMatch, wholeMatch } from "./slot-match.ts";

/** A group as the chain passes it. */
export interface Passed {
  readonly placement: GroupPlacement;
  /** To whom its slots go. */
  readonly masks: readonly SlotMask[];
  readonly shards: ReadonlyMap<string, ShardPlacement>;
}

export interface ChainOrder {
  readonly tenant: string;
  readonly chain: Chain;
  readonly from: readonly Subnet[];
  readonly to: readonly Subnet[];
  /** In the order of the way to the servers. A group that has no place yet is undefined. */
  readonly path: readonly (Passed | undefined)[];
  /** Which of the tenant's bands of priorities it has, from 0. */
  readonly band: number;
}

interface Hop extends Way {
  readonly key: string;
  readonly group: Passed | undefined;
  readonly priority: number;
}

/** Beneath, by address, by port: three priorities for each of at most eight hops. */
const perHop = 3;
const perChain = perHop * 8;
const lowestPriority = 100;
const highestPriority = 32_767;
export const bandCount = Math.floor((highestPriority + 1 - lowestPriority) / perChain);

export function chainPolicies(order: ChainOrder): RouterPolicy[] {
  const { from, to } = order;
  return from.flatMap((clients) => {
    const servers = to.find(({ family }) => family === clients.family);
    if (servers === undefined) return [];
    const ends = { from: clients, to: servers };
    const there = hopsOf(order, { ...ends, direction: "toServer" });
    const back = hopsOf(order, { ...ends, direction: "toClient" });
    return [...there, ...back].flatMap((hop) => hopPolicies(order, hop));
  });
}

/** The way back passes the same groups in reverse; a hop begins where the group before it, on that way, lets packets out. */
function hopsOf(order: ChainOrder, way: Pick<Way, "from" | "to" | "direction">): Hop[] {
  const { tenant, chain, path, band } = order;
  const { from, to, match } = chain.spec;
  const toServer = way.direction === "toServer";
  const start = routerPortName(tenant, { kind: "network", name: toServer ? from : to });
  const passed = path.map((group, index) => ({ group, index }));
  const inOrder = toServer ? passed : passed.toReversed();
  // Open, with no group that could be passed: one hop without a group, whose only policy is the allow.
  const hops = inOrder.length === 0 ? [{ group: undefined, index: 0 }] : inOrder;
  return hops.flatMap(({ group, index }, nth) => {
    const before = nth === 0 ? undefined : inOrder[nth - 1]?.group;
    if (nth > 0 && before === undefined) return []; // nothing comes out of a group that has no place
    const inport =
      before === undefined
        ? start
        : routerPortName(tenant, { kind: toServer ? "outer" : "inner", name: before.placement.name });
    return {
      ...way,
      inport,
      protocols: match?.map(({ protocol }) => protocol),
      key: `chain/${tenant}/${chain.metadata.name}/${index}/${way.direction}/ip${way.from.family}`,
      group,
      priority: lowestPriority + band * perChain + index * perHop,
    };
  });
}

function hopPolicies({ tenant, chain }: ChainOrder, hop: Hop): RouterPolicy[] {
  const common = { tenant, router: routerName(tenant) };
  const beneath: RouterPolicy = {
    ...common,
    key: `${hop.key}/beneath`,
    priority: hop.priority,
    match: wholeMatch(hop),
    action: chain.spec.onFailure === "open" ? "allow" : "drop",
    nexthops: [],
  };
  const { group } = hop;
  if (group === undefined) return [beneath];
  const reroutes = group.masks.flatMap((mask): RouterPolicy[] => {
    const nexthop = addressOf(group.shards.get(mask.owner), hop);
    if (nexthop === undefined) return [];
    return slotMatches(hop, mask, group.placement.affinity).map(({ by, match, above }) => ({
      ...common,
      key: `${hop.key}/${by}/${mask.value}/${mask.mask}`,
      priority: hop.priority + above,
      match,
      action: "reroute",
      nexthops: [nexthop],
    }));
  });
  return [...reroutes, beneath];
}

/** By port where the group wants it, and by address for what has no port, one priority lower. */
function slotMatches(hop: Hop, mask: SlotMask, affinity: GroupPlacement["affinity"]) {
  const port = affinity === "connection" ? portMatch(hop, mask) : undefined;
  const address = addressMatch(hop, mask);
  return [
    ...(port === undefined ? [] : [{ by: "port", match: port, above: 2 }]),
    ...(address === undefined ? [] : [{ by: "address", match: address, above: 1 }]),
  ];
}

/** Towards the servers a shard is entered by its inner interface, on the way back by its outer one. */
function addressOf(
  shard: ShardPlacement | undefined,
  { direction, from }: Pick<Way, "direction" | "from">,
): string | undefined {
  const kind = direction === "toServer" ? "inner" : "outer";
  const placed = shard?.interfaces.find(({ segment }) => segment.kind === kind);
  const address = placed?.addresses.find((text) => familyOf(text) === from.family);
  return address?.slice(0, address.indexOf("/"));
}

function familyOf(text: string): Family {
  return parseSubnet(text).family;
}
