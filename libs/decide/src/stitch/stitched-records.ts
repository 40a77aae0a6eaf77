/**
 * What the network does for each resource, as records: networks, workloads, shards and chains.
 * `waitsFor` is the first thing that keeps it from being programmed; what was programmed once stays so until it changes.
 */
import type { Chain, StitchedRecord } from "@weft/schemas";
import { intentKey, recordKey, revisionId } from "@weft/schemas";
import { bandCount } from "./chain-policies.ts";
import type { TenantPlan } from "./desired-network.ts";
import { behind, instancesOn, segmentsOfChain, unboundPort } from "./in-force.ts";
import type { StitchSeen } from "./seen.ts";
import { segmentPortName } from "./names.ts";
import type { Fault, TakenNames } from "./taken-names.ts";
import { faultOfInstance, faultOfSegments } from "./taken-names.ts";
import type { TenantWorld, Wanted } from "./tenant-world.ts";

export interface Standing {
  readonly key: string;
  readonly thing: Omit<StitchedRecord, "state" | "message" | "at">;
  /** What is missing whatever the chassis have applied. */
  readonly obstacle: string | undefined;
  /** An obstacle that goes only when somebody takes it away. */
  readonly fault: Fault | undefined;
  /** Which chassis have not followed yet. */
  readonly behind: string | undefined;
}

export function standingsOf({ world, groups }: TenantPlan, seen: StitchSeen, taken: TakenNames): Standing[] {
  const { tenant } = world;
  const networks = [...world.networks].map(([name, { intent, revision }]): Standing => {
    const { uid, generation } = intent;
    const cause = revisionId("intents", intentKey("Network", tenant, name), revision);
    const segment = { kind: "network", name } as const;
    const fault = faultOfSegments(tenant, [segment], taken);
    return {
      key: recordKey("network", tenant, name),
      thing: { kind: "network", tenant, name, uid, generation, cause },
      fault,
      obstacle: fault?.message ?? uplinkObstacle(world, name, seen),
      behind: behind(instancesOn(world, [segment]), seen),
    };
  });
  const instances = world.instances.map(({ value, revision }): Standing => {
    const { kind, name, uid, generation } = value;
    const unbound = unboundPort(value, seen);
    const fault = faultOfInstance(value, taken);
    const notUp = unbound === undefined ? undefined : `the port ${unbound} is not up on ${value.node}`;
    const key = recordKey(kind, tenant, name);
    return {
      key,
      thing: { kind, tenant, name, uid, generation, cause: revisionId("placements", key, revision) },
      fault,
      obstacle: fault?.message ?? notUp,
      behind: behind([value], seen),
    };
  });
  const chains = world.chains.map((chain, band) =>
    chainStanding(chain, { world, groups, seen, taken, band }),
  );
  return [...networks, ...instances, ...chains];
}

/** What keeps the network from its physical segment, where it has one. */
function uplinkObstacle(world: TenantWorld, network: string, { bindings }: StitchSeen): string | undefined {
  const uplink = world.networks.get(network)?.document.spec.uplink;
  if (uplink === undefined) return undefined;
  const { active } = world.uplinks.get(network) ?? { active: null };
  if (active === null) return `no node has the interface ${uplink.interface} ready`;
  const chassis = bindings.get(segmentPortName(world.tenant, network))?.chassis;
  return chassis === active.chassis ? undefined : `${active.node} has not taken up the uplink yet`;
}

function chainStanding(
  { document, intent, revision }: Wanted<Chain>,
  at: TenantPlan & { readonly seen: StitchSeen; readonly taken: TakenNames; readonly band: number },
): Standing {
  const { tenant } = at.world;
  const { uid, generation } = intent;
  const slots = document.spec.through.flatMap((name) => {
    const current = at.groups.get(name)?.current;
    return current === undefined ? [] : [[name, current.value.version] as const];
  });
  const segments = segmentsOfChain(document.spec);
  const fault = faultOfSegments(tenant, segments, at.taken);
  return {
    key: recordKey("chain", tenant, document.metadata.name),
    thing: {
      kind: "chain",
      tenant,
      name: document.metadata.name,
      uid,
      generation,
      slots: Object.fromEntries(slots),
      cause: revisionId("intents", intentKey("Chain", tenant, document.metadata.name), revision),
    },
    fault,
    obstacle: fault?.message ?? chainObstacle(document, at),
    behind: behind(instancesOn(at.world, segments), at.seen),
  };
}

function chainObstacle(
  { spec }: Chain,
  { world, groups, band }: TenantPlan & { readonly band: number },
): string | undefined {
  if (band >= bandCount) return `the tenant has more than ${bandCount} chains: no priorities are left`;
  const network = [spec.from, spec.to].find((name) => !world.networks.has(name));
  if (network !== undefined) return `there is no network ${network}`;
  const unplaced = spec.through.find((name) => !groups.has(name));
  if (unplaced !== undefined) return `the function group ${unplaced} has no place yet`;
  const idle = spec.through.find((name) => groups.get(name)?.serving !== true);
  if (idle !== undefined) return `${idle} has no ready shard`;
  const partial = spec.through.find(
    (name) => groups.get(name)?.current?.value.owners.includes(null) !== false,
  );
  return partial === undefined ? undefined : `${partial} has slots that wait for a ready shard`;
}
