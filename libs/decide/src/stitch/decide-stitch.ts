/**
 * One look of the stitcher: which slots change hands, what the network must become, what is in force by now.
 * Reads everything in StitchSeen; returns steps in the order in which they are to be carried out:
 * slots first (a refused write ends the round), then the network in one transaction, then what is in force.
 */
import type { SlotsRecord } from "@weft/schemas";
import { slotsKey } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import type { TenantPlan } from "./desired-network.ts";
import { desiredNetwork, planTenants } from "./desired-network.ts";
import { diffNetwork } from "./diff-network.ts";
import type { GroupSlots } from "./group-slots.ts";
import { putSlots } from "./group-slots.ts";
import { behind, instancesOn, segmentsOfChain } from "./in-force.ts";
import { forgetStitched, reportStanding } from "./report-stitched.ts";
import type { StitchSeen } from "./seen.ts";
import { standingsOf } from "./stitched-records.ts";
import { takenNames, withoutTaken } from "./taken-names.ts";
import type { TakenNames } from "./taken-names.ts";
import type { PutSlots, RecordStep, RemoveSlots, StitchStep } from "./step.ts";

export function decideStitch(seen: StitchSeen, now: string): StitchStep[] {
  const plans = planTenants(seen, now);
  const desired = desiredNetwork(plans);
  const taken = takenNames(desired, seen.foreignPorts);
  const network = diffNetwork(withoutTaken(desired, seen.network, taken), seen.network);
  const changing = network.length > 0;
  const slots = plans.flatMap((plan) => slotsSteps(plan, seen, changing));
  return [
    ...slots,
    ...network,
    ...reports(plans, seen, {
      now,
      changing: changing || slots.some((step) => changesOwners(step, seen)),
      taken,
    }),
    ...(changing ? [] : abandonedSlots(plans, seen)),
  ];
}

function changesOwners({ key, record }: PutSlots, { slots }: StitchSeen): boolean {
  return slots.get(key)?.value.version !== record.version;
}

interface Round {
  readonly now: string;
  readonly changing: boolean;
}
interface Report extends Round {
  readonly taken: TakenNames;
}

/** What is in force is judged by what the network is now: a round that changes it settles nothing. */
function slotsSteps(plan: TenantPlan, seen: StitchSeen, changing: boolean): PutSlots[] {
  return [...plan.groups.values()].flatMap((group) => {
    // The record of an earlier group of this name goes first: see abandonedSlots.
    if (group.current === undefined && seen.slots.has(group.key)) return [];
    const inForce = !changing && switching(group, plan, seen) === undefined;
    return putSlots(group, inForce ? group.settled : group.decided) ?? [];
  });
}

/** Which chassis still sends a group's slots to their old owners: every chain that passes it counts. */
function switching(group: GroupSlots, { world }: TenantPlan, seen: StitchSeen): string | undefined {
  const segments = world.chains
    .filter(({ document }) => document.spec.through.includes(group.name))
    .flatMap(({ document }) => segmentsOfChain(document.spec));
  return behind(instancesOn(world, segments), seen);
}

function reports(plans: readonly TenantPlan[], seen: StitchSeen, round: Report): RecordStep[] {
  const standings = plans.flatMap((plan) => standingsOf(plan, seen, round.taken));
  const asked = new Set(standings.map(({ key }) => key));
  const gone = round.changing
    ? []
    : [...seen.stitched]
        .filter(([key, { value }]) => !asked.has(key) && letGo(value.tenant, plans, seen))
        .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...standings.flatMap((standing) => reportStanding(standing, seen.stitched.get(standing.key), round)),
    ...gone.map(([key, found]) => forgetStitched(key, found)),
  ];
}

/** Slots of a group that is gone, or was given anew: once no policy sends to its shards, their nodes may take them away. */
function abandonedSlots(plans: readonly TenantPlan[], seen: StitchSeen): RemoveSlots[] {
  const intended = new Map(
    plans.flatMap(({ world }) =>
      [...world.groups].map(([name, { intent }]) => [slotsKey(world.tenant, name), intent.uid] as const),
    ),
  );
  return [...seen.slots]
    .filter(([key, found]) => intended.get(key) !== found.value.groupUid && isLetGo(found, plans, seen))
    .map(([key, { revision }]) => ({
      kind: "removeSlots",
      key,
      ifRevision: revision,
      why: "its group is gone, and the network sends nothing to its shards",
    }));
}

function isLetGo({ value }: Found<SlotsRecord>, plans: readonly TenantPlan[], seen: StitchSeen): boolean {
  return letGo(value.tenant, plans, seen);
}

/** Nobody knows any more where a thing that is gone had its ports: all of the tenant's chassis must have followed. */
function letGo(tenant: string, plans: readonly TenantPlan[], seen: StitchSeen): boolean {
  const world = plans.find((plan) => plan.world.tenant === tenant)?.world;
  return behind(world?.instances.map(({ value }) => value) ?? [], seen) === undefined;
}
