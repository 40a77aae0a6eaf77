/** Events of the scheduler, derived from the changes of its bucket: a shard is placed, must leave, is removed. */
import { intentKey } from "@weft/schemas";
import type { EventType, PlacementRecord, ShardPlacement, WeftEvent } from "@weft/schemas";

export interface PlacementChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: PlacementRecord | null;
  readonly before: PlacementRecord | null;
}

export function placementEvents({ key, revision, at, value, before }: PlacementChange): WeftEvent[] {
  const now = value?.kind === "shard" ? value : undefined;
  const earlier = before?.kind === "shard" ? before : undefined;
  const type = typeOf(now, earlier);
  const shard = now ?? earlier;
  if (type === undefined || shard === undefined) return [];
  const { tenant, name, group, node, uid, generation, intentRevision } = shard;
  return [
    {
      specversion: "1.0",
      id: `weft_placements/${key}@${revision}`,
      source: "/weft/scheduler",
      type,
      subject: `${tenant}/shard/${name}`,
      time: at,
      datacontenttype: "application/json",
      causationid: `weft_intents/${intentKey("FunctionGroup", tenant, group)}@${intentRevision}`,
      data: { functionGroup: group, node, placementUid: uid, generation, revision },
    },
  ];
}

function typeOf(now: ShardPlacement | undefined, before: ShardPlacement | undefined): EventType | undefined {
  if (now === undefined) return before === undefined ? undefined : "dev.weft.shard.removed";
  if (before?.uid !== now.uid) return "dev.weft.shard.placed";
  return now.leaving && !before.leaving ? "dev.weft.shard.draining" : undefined;
}
