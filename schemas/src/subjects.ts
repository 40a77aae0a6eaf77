/** Subjects: every name on the bus that is not a bucket. Those that accounts will later need carry the tenant. */

export const applySubject = "weft.intent.apply";
export const deleteSubject = "weft.intent.delete";

/** An operator's word that buckets which were lost will not come back; answered by the intent service. */
export const acceptStoreSubject = "weft.store.accept";

/** A host's way in and out: asked by the gateway, answered by the intent service. */
export const nodeTokenSubject = "weft.node.token";
export const nodeJoinSubject = "weft.node.join";
export const nodeRemoveSubject = "weft.node.remove";

/** Nobody listens: what is sent here tells the server alone that the sender is there. */
export const awakeSubject = "weft.awake";

/** All heartbeats; only the health service listens. */
export const heartbeatWildcard = "weft.heartbeat.*";
export function heartbeatSubject(node: string): string {
  return `weft.heartbeat.${node}`;
}

/** Heartbeats that tell something new; health hears them at once, the others now and then. */
export const heartbeatNewsWildcard = "weft.heartbeat.*.news";
export function heartbeatNewsSubject(node: string): string {
  return `weft.heartbeat.${node}.news`;
}

/** All samples of shards; gateways listen, and whoever decides from loads. */
export const samplesWildcard = "weft.samples.*";
export function samplesSubject(node: string): string {
  return `weft.samples.${node}`;
}
/** An agent speaks so often. Who has not heard from it for a few of these knows nothing of its shards' loads. */
export const sampleEveryMs = 1_000;

export const eventsStream = "WEFT_EVENTS";
export const eventsWildcard = "weft.events.>";
export function eventSubject(stage: string, what: string, tenant: string, name: string): string {
  return `weft.events.${stage}.${what}.${tenant}.${name}`;
}

/** Lists of flows that go from a handoff's giver to its receiver (FlowChunk), kept until the handoff is done. */
export const flowsStream = "WEFT_FLOWS";
export const flowsWildcard = "weft.flows.>";
/** `<tenant>.<group>.<uid of the giver's placement>.<handoff>.<chunk>`: an earlier group of the same name is another one. */
export function flowsSubject(
  of: { readonly tenant: string; readonly group: string; readonly placementUid: string; readonly id: number },
  chunk: number | "*",
): string {
  return `weft.flows.${of.tenant}.${of.group}.${of.placementUid}.${of.id}.${chunk}`;
}

/**
 * What a shard of a group with `state: replicated` tracks (TrackedTold): told by its node's agent, heard by those of its peers. Kept
 * nowhere else: who has missed something asks for the whole of it.
 */
export function trackedSubject(
  of: { readonly tenant: string; readonly group: string },
  shard: string,
): string {
  return `weft.tracked.${of.tenant}.${of.group}.${shard}`;
}
export function trackedAskSubject(
  of: { readonly tenant: string; readonly group: string },
  shard: string,
): string {
  return `weft.tracked-ask.${of.tenant}.${of.group}.${shard}`;
}

/** Where an agent takes requests for sessions (exec, logs). */
export function sessionSubject(node: string): string {
  return `weft.agent.${node}.session`;
}
/** The two directions of an open session: `up` to the agent, `down` from it. */
export function sessionStream(session: string, direction: "up" | "down"): string {
  return `weft.session.${session}.${direction}`;
}

/** Where each copy of a service answers for its latest log lines. */
export function serviceLogsSubject(service: string): string {
  return `weft.service.${service}.logs`;
}
