/** Events of the agents, derived from the changes of their bucket: what could not be made, started or connected, and why. */
import { recordKey, revisionId } from "@weft/schemas";
import type { EventType, RealizedRecord, WeftEvent } from "@weft/schemas";

export interface RealizedChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: RealizedRecord | null;
  readonly before: RealizedRecord | null;
}

const types = {
  shard: "dev.weft.shard.failed",
  workload: "dev.weft.workload.failed",
  uplink: "dev.weft.network.failed",
} as const satisfies Record<RealizedRecord["kind"], EventType>;

/** Once for each fault, however often it is tried again. What fails after it ran is health's to tell. */
export function realizedEvents({ key, revision, at, value, before }: RealizedChange): WeftEvent[] {
  if (value?.fault === undefined || value.state === "running") return [];
  if (isKnown(value, before)) return [];
  const { kind, tenant, name, group, node, placementUid, placementRevision, generation, fault } = value;
  const placement = kind === "uplink" ? recordKey("uplink", tenant, name) : key;
  return [
    {
      specversion: "1.0",
      id: revisionId("realized", key, revision),
      source: "/weft/agent",
      type: types[kind],
      subject: `${tenant}/${kind === "uplink" ? "network" : kind}/${name}`,
      time: at,
      datacontenttype: "application/json",
      causationid: revisionId("placements", placement, placementRevision),
      data: {
        ...(group === undefined ? {} : { functionGroup: group }),
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

/** Of an uplink the code is always the same: what is in its way is in the message. */
function isKnown({ kind, placementUid, fault }: RealizedRecord, before: RealizedRecord | null): boolean {
  if (before?.placementUid !== placementUid || before.fault?.code !== fault?.code) return false;
  return kind !== "uplink" || before.fault?.message === fault?.message;
}
