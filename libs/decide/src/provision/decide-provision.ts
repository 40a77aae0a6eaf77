/**
 * What an agent does next: pure, from one sight of records and of the node.
 * Reads everything in ProvisionSeen; returns steps. A world that is as wanted gives none.
 * Call it only once every view has loaded: a placement that is not seen is one that must go.
 */
import type { RealizedRecord } from "@weft/schemas";
import { mayLeave } from "./may-leave.ts";
import { planPlacement } from "./plan-placement.ts";
import { realizedOf } from "./realized-of.ts";
import type { Sight } from "./realized-of.ts";
import type { ProvisionSeen, SeenPlacement } from "./seen.ts";
import type { ProvisionStep } from "./step.ts";

export function decideProvision(seen: ProvisionSeen, nowMs: number): ProvisionStep[] {
  const placements = [...seen.placements].sort((a, b) => (a.key < b.key ? -1 : 1));
  const staying = placements.filter((target) => !mayLeave(target, seen.slots));
  return [
    ...removals(seen, staying),
    ...staying.flatMap((target) => {
      const sight = sightOf(target, seen);
      // One that must go is kept as it is, but nothing is made for it any more.
      const idle = target.placement.leaving && sight.thing === undefined;
      if (idle) return [];
      return [...report(target, sight, seen), ...planPlacement(target, sight, nowMs)];
    }),
    ...forgotten(seen, staying),
  ];
}

function sightOf(target: SeenPlacement, seen: ProvisionSeen): Sight {
  const { uid } = target.placement;
  const record = seen.realized.get(target.key);
  return {
    thing: seen.things.get(uid),
    failure: seen.failures.get(uid),
    previous: record?.placementUid === uid ? record : undefined,
  };
}

function removals(seen: ProvisionSeen, staying: readonly SeenPlacement[]): ProvisionStep[] {
  const kept = new Set(staying.map(({ placement }) => placement.uid));
  const placed = new Set(seen.placements.map(({ placement }) => placement.uid));
  return [...seen.things.values()]
    .filter(({ uid }) => !kept.has(uid))
    .sort((a, b) => (a.uid < b.uid ? -1 : 1))
    .flatMap(({ uid, probing }): ProvisionStep[] => {
      const why = placed.has(uid) ? "it must leave and owns no slot" : "its placement is gone";
      return [...(probing ? [{ kind: "stopProbe" as const, uid, why }] : []), { kind: "remove", uid, why }];
    });
}

function report(target: SeenPlacement, sight: Sight, seen: ProvisionSeen): ProvisionStep[] {
  const record = realizedOf(target, sight);
  const last = seen.realized.get(target.key);
  if (last !== undefined && sameRecord(last, record)) return [];
  return [
    { kind: "putRealized", uid: record.placementUid, key: target.key, record, why: `it is ${record.state}` },
  ];
}

/** Records of what is neither wanted nor there: only now may its name and addresses be used again. */
function forgotten(seen: ProvisionSeen, staying: readonly SeenPlacement[]): ProvisionStep[] {
  const kept = new Set(staying.map(({ key, placement }) => `${key} ${placement.uid}`));
  const keptKeys = new Set(staying.map(({ key }) => key));
  return [...seen.realized]
    .filter(
      ([key, { placementUid }]) => !kept.has(`${key} ${placementUid}`) && !seen.things.has(placementUid),
    )
    .filter(([key]) => !keptKeys.has(key)) // the next report of the same name takes its place
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { placementUid }]) => ({
      kind: "deleteRealized",
      uid: placementUid,
      key,
      why: "nothing of it is left",
    }));
}

function sameRecord(a: RealizedRecord, b: RealizedRecord): boolean {
  const text = (record: RealizedRecord) => JSON.stringify(Object.entries(record).sort(byName));
  return text(a) === text(b);
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
