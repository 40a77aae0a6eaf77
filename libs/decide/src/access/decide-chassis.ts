/**
 * Which rows of OVN's Chassis table must go: those of removed nodes that are silent and that no placement names. Pure.
 * An ovn-controller that still runs makes its row anew, so each is deleted at most once in a while and not in a race.
 */
import { isInstance } from "@weft/schemas";
import { sortedByKey } from "../schedule/seen.ts";
import { isSilent } from "./removed-nodes.ts";
import type { AccessSeen } from "./seen.ts";

export interface ChassisSeen extends Omit<AccessSeen, "realized"> {
  /** Names of the rows that are there. */
  readonly chassis: ReadonlySet<string>;
  /** When this copy deleted one last, by `removal`, in milliseconds since the epoch. */
  readonly deletedAtMs: ReadonlyMap<string, number>;
}

export interface RemoveChassis {
  readonly kind: "removeChassis";
  readonly chassis: string;
  /** Names the chassis and the node's removal: a host that joined again and was removed again is another matter. */
  readonly removal: string;
  readonly why: string;
}

const againAfterMs = 60_000;

export function decideChassis(seen: ChassisSeen, nowMs: number): RemoveChassis[] {
  const carrying = new Set(
    [...seen.placements.values()].flatMap(({ value }) => (isInstance(value) ? [value.node] : [])),
  );
  const inUse = new Set([...seen.nodes.values()].map(({ value }) => value.chassis));
  return sortedByKey(seen.access).flatMap(([, { value }]): RemoveChassis[] => {
    if (value.kind !== "node" || value.removedAt === undefined || value.chassis === undefined) return [];
    const { node, chassis } = value;
    const taken = inUse.has(chassis) && seen.nodes.get(node)?.value.chassis !== chassis;
    if (!seen.chassis.has(chassis) || carrying.has(node) || taken || !isSilent(node, seen)) return [];
    const removal = `${chassis} ${value.removedAt}`;
    if (nowMs - (seen.deletedAtMs.get(removal) ?? Number.NEGATIVE_INFINITY) < againAfterMs) return [];
    return [{ kind: "removeChassis", chassis, removal, why: `the node ${node} was removed` }];
  });
}
