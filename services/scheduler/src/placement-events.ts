/**
 * Events of the scheduler, derived from the changes of its bucket: a shard is placed, must leave, stays after all, is
 * removed; a group goes back.
 */
import { intentKey, revisionId } from "@weft/schemas";
import type { EventType, GroupPlacement, PlacementRecord, ShardPlacement, WeftEvent } from "@weft/schemas";

export interface PlacementChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: PlacementRecord | null;
  readonly before: PlacementRecord | null;
}

export function placementEvents(change: PlacementChange): WeftEvent[] {
  const { value, before } = change;
  const group = value?.kind === "group" ? value : undefined;
  if (group !== undefined) return rollbackEvents(change, group);
  const now = value?.kind === "shard" ? value : undefined;
  const earlier = before?.kind === "shard" ? before : undefined;
  const type = typeOf(now, earlier);
  const shard = now ?? earlier;
  if (type === undefined || shard === undefined) return [];
  const { tenant, name, group: of, node, uid, generation, intentRevision } = shard;
  return [
    {
      ...frameOf(change),
      type,
      subject: `${tenant}/shard/${name}`,
      causationid: groupIntent(tenant, of, intentRevision),
      data: { functionGroup: of, node, placementUid: uid, generation, revision: change.revision },
    },
  ];
}

/** Once for each generation that failed. */
function rollbackEvents(change: PlacementChange, { tenant, name, rollout }: GroupPlacement): WeftEvent[] {
  const { rolledBack, proven } = rollout ?? {};
  const earlier = change.before?.kind === "group" ? change.before.rollout?.rolledBack : undefined;
  if (rolledBack === undefined || rolledBack.generation === earlier?.generation) return [];
  const { generation, intentRevision, message } = rolledBack;
  return [
    {
      ...frameOf(change),
      type: "dev.weft.rollout.rolledback",
      subject: `${tenant}/functiongroup/${name}`,
      causationid: groupIntent(tenant, name, intentRevision),
      data: { generation, backTo: proven?.generation ?? null, message, revision: change.revision },
    },
  ];
}

function frameOf({ key, revision, at }: PlacementChange) {
  return {
    specversion: "1.0",
    id: revisionId("placements", key, revision),
    source: "/weft/scheduler",
    time: at,
    datacontenttype: "application/json",
  } as const;
}

function groupIntent(tenant: string, group: string, revision: number): string {
  return revisionId("intents", intentKey("FunctionGroup", tenant, group), revision);
}

function typeOf(now: ShardPlacement | undefined, before: ShardPlacement | undefined): EventType | undefined {
  if (now === undefined) return before === undefined ? undefined : "dev.weft.shard.removed";
  if (before?.uid !== now.uid) return "dev.weft.shard.placed";
  if (now.leaving === before.leaving) return undefined;
  return now.leaving ? "dev.weft.shard.draining" : "dev.weft.shard.kept";
}
