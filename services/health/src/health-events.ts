/** Events of health, derived from the changes of its bucket: a shard is ready or has failed, a node is lost or back. */
import type { EventType, HealthRecord, WeftEvent } from "@weft/schemas";

export interface HealthChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: HealthRecord | null;
  readonly before: HealthRecord | null;
}

export function healthEvents({ key, revision, at, value, before }: HealthChange): WeftEvent[] {
  if (value === null) return [];
  const type = typeOf(value, before);
  if (type === undefined) return [];
  const common = {
    specversion: "1.0",
    id: `weft_health/${key}@${revision}`,
    source: "/weft/health",
    type,
    time: at,
    datacontenttype: "application/json",
    ...(value.cause === undefined ? {} : { causationid: value.cause }),
  } as const;
  const { reason, message } = value;
  if (value.kind === "node") {
    const data = { incarnation: value.incarnation, reason, message, revision };
    return [{ ...common, subject: `_/node/${value.name}`, data }];
  }
  const { tenant, name, group, node, placementUid, generation } = value;
  const data = { functionGroup: group, node, placementUid, generation, reason, message, revision };
  return [{ ...common, subject: `${tenant}/shard/${name}`, data }];
}

function typeOf(now: HealthRecord, before: HealthRecord | null): EventType | undefined {
  if (now.kind === "node") {
    const was = before?.kind === "node" ? before.state : undefined;
    if (now.state === was) return undefined;
    if (now.state === "lost") return "dev.weft.node.lost";
    return was === "lost" ? "dev.weft.node.back" : undefined;
  }
  const was = before?.kind === "shard" && before.placementUid === now.placementUid ? before.state : undefined;
  if (now.state === was) return undefined;
  if (now.state === "ready") return "dev.weft.shard.ready";
  return now.state === "failed" ? "dev.weft.shard.failed" : undefined;
}
