/**
 * The whole logical network that the records ask for, all tenants together: topology, isolation, chains.
 * Reads intents, placements and to whom each slot is to be sent; what is there already makes no difference.
 */
import { parseSubnet } from "@weft/schemas";
import type { Chain } from "@weft/schemas";
import type { ChainOrder, Passed } from "./chain-policies.ts";
import { bandCount, chainPolicies } from "./chain-policies.ts";
import { masksOf } from "../slots/masks-of.ts";
import type { GroupSlots } from "./group-slots.ts";
import { groupSlotsOf } from "./group-slots.ts";
import { isolationOf } from "./isolation.ts";
import type { LogicalNetwork, RouterPolicy } from "./network.ts";
import type { StitchSeen } from "./seen.ts";
import type { TenantWorld } from "./tenant-world.ts";
import { tenantWorlds } from "./tenant-world.ts";
import { topologyOf } from "./topology.ts";

/** One tenant with its groups' slots. */
export interface TenantPlan {
  readonly world: TenantWorld;
  readonly groups: ReadonlyMap<string, GroupSlots>;
}

export function planTenants(
  seen: Pick<StitchSeen, "intents" | "placements" | "slots" | "health" | "shims" | "realized" | "bindings">,
  now: string,
): TenantPlan[] {
  return tenantWorlds(seen).map((world) => ({
    world,
    groups: new Map(groupSlotsOf(world, seen, now).map((group) => [group.name, group])),
  }));
}

export function desiredNetwork(plans: readonly TenantPlan[]): LogicalNetwork {
  const parts = plans.map((plan) => ({ ...topologyOf(plan.world), policies: policiesOf(plan) }));
  return {
    switches: parts.flatMap(({ switches }) => switches),
    switchPorts: parts.flatMap(({ switchPorts }) => switchPorts),
    routers: parts.flatMap(({ routers }) => routers),
    routerPorts: parts.flatMap(({ routerPorts }) => routerPorts),
    policies: parts.flatMap(({ policies }) => policies),
  };
}

function policiesOf(plan: TenantPlan): RouterPolicy[] {
  const { world } = plan;
  const isolation = [...world.networks.values()].flatMap(({ document }) =>
    isolationOf(world.tenant, document),
  );
  const chains = world.chains.slice(0, bandCount).flatMap(({ document }, band) => {
    const order = chainOrder(plan, document, band);
    return order === undefined ? [] : chainPolicies(order);
  });
  return [...isolation, ...chains];
}

/** Undefined while one of its networks is missing. */
function chainOrder({ world, groups }: TenantPlan, chain: Chain, band: number): ChainOrder | undefined {
  const { tenant, networks } = world;
  const [from, to] = [networks.get(chain.spec.from), networks.get(chain.spec.to)];
  if (from === undefined || to === undefined) return undefined;
  return {
    tenant,
    chain,
    from: from.document.spec.subnets.map(parseSubnet),
    to: to.document.spec.subnets.map(parseSubnet),
    path: pathOf(chain, groups),
    band,
  };
}

/** Open: a group with no ready shard is left out of the path both ways, so that the others still see whole connections. */
function pathOf(chain: Chain, groups: ReadonlyMap<string, GroupSlots>): (Passed | undefined)[] {
  const passed = chain.spec.through.map((name) => groups.get(name));
  const taken = chain.spec.onFailure === "open" ? passed.filter((group) => group?.serving === true) : passed;
  return taken.map((group) =>
    group === undefined
      ? undefined
      : { placement: group.placement, masks: masksOf(group.targets), shards: group.shards },
  );
}
