/** Events of the agents, derived from the changes of their bucket: a shard could not be made or started, and why. */
import { revisionId } from "@weft/schemas";
import type { RealizedRecord, WeftEvent } from "@weft/schemas";

export interface RealizedChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: RealizedRecord | null;
  readonly before: RealizedRecord | null;
}

/** Once for each fault, however often it is tried again. What fails after it ran is health's to tell. */
export function realizedEvents({ key, revision, at, value, before }: RealizedChange): WeftEvent[] {
  if (value?.kind !== "shard" || value.fault === undefined || value.state === "running") return [];
  const same = before?.placementUid === value.placementUid && before.fault?.code === value.fault.code;
  if (same) return [];
  const { tenant, name, group, node, placementUid, placementRevision, generation, fault } = value;
  return [
    {
      specversion: "1.0",
      id: revisionId("realized", key, revision),
      source: "/weft/agent",
      type: "dev.weft.shard.failed",
      subject: `${tenant}/shard/${name}`,
      time: at,
      datacontenttype: "application/json",
      causationid: revisionId("placements", key, placementRevision),
      data: {
        functionGroup: group,
        node,
        placementUid,
        generation,
        reason: fault.code,
        message: fault.message,
        revision,
      },
    },
  ];
}
