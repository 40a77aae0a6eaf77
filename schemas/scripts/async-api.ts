/**
 * AsyncAPI 3.0 of the bus: every subject and every bucket, who writes it, and what is on it.
 * Built from the same subjects, buckets and schemas that the services use.
 */
import {
  acceptStoreSubject,
  applySubject,
  awakeSubject,
  buckets,
  deleteSubject,
  eventSubject,
  flowsWildcard,
  heartbeatNewsSubject,
  heartbeatSubject,
  nodeJoinSubject,
  nodeRemoveSubject,
  nodeTokenSubject,
  samplesSubject,
  serviceLogsSubject,
  sessionStream,
  sessionSubject,
  trackedAskSubject,
  trackedSubject,
} from "../src/index.ts";
import type { SchemaName } from "./described-schemas.ts";
import { given, read } from "./described-schemas.ts";
import type { JsonObject } from "./json-schemas.ts";
import { jsonSchemas } from "./json-schemas.ts";

interface Channel {
  readonly address: string | null;
  readonly description: string;
  /** Schemas of what is on it; raw bytes where empty. */
  readonly messages: readonly SchemaName[];
}

const requests: Readonly<Record<string, Channel>> = {
  apply: {
    address: applySubject,
    description:
      "Apply documents, all or none. Answered by a reply or a refusal, also when the input is bad.",
    messages: ["ApplyRequest"],
  },
  delete: {
    address: deleteSubject,
    description: "Delete one resource, or several, all or none.",
    messages: ["DeleteRequest", "DeleteSeveralRequest"],
  },
  storeAccept: {
    address: acceptStoreSubject,
    description:
      "Buckets that were lost while others stayed will not come back: services act on what they hold now. The reply names them.",
    messages: [],
  },
  nodeToken: {
    address: nodeTokenSubject,
    description: "A join token for one host. The reply carries it: it stands nowhere else.",
    messages: ["TokenRequest"],
  },
  nodeJoin: {
    address: nodeJoinSubject,
    description: "A host joins: the token is used up and the node admitted by one batch.",
    messages: ["JoinRequest"],
  },
  nodeRemove: {
    address: nodeRemoveSubject,
    description: "A node is removed: what stands there is placed elsewhere.",
    messages: ["RemoveNodeRequest"],
  },
  session: {
    address: sessionSubject("{node}"),
    description: "Open a session (exec, logs) at the agent that owns the thing.",
    messages: ["SessionRequest"],
  },
  serviceLogs: {
    address: serviceLogsSubject("{service}"),
    description: "The latest log lines of each copy of a service, as text.",
    messages: [],
  },
};

const streams: Readonly<Record<string, Channel>> = {
  events: {
    address: eventSubject("{stage}", "{what}", "{tenant}", "{name}"),
    description:
      "CloudEvents 1.0, kept in the stream WEFT_EVENTS; derived from the records, so a restart doubles none.",
    messages: ["WeftEvent"],
  },
  heartbeats: {
    address: heartbeatSubject("{node}"),
    description: "What an agent says of itself and its shards, many times a second; not kept.",
    messages: ["Heartbeat"],
  },
  heartbeatNews: {
    address: heartbeatNewsSubject("{node}"),
    description:
      "A heartbeat that tells something new, in the place of the one that would come next; not kept.",
    messages: ["Heartbeat"],
  },
  samples: {
    address: samplesSubject("{node}"),
    description: "What a node's shards carry and use, about once a second; not kept.",
    messages: ["ShardSamples"],
  },
  flows: {
    address: flowsWildcard.replace(">", "{tenant}.{group}.{placementUid}.{handoff}.{chunk}"),
    description:
      "Lists of flows from a handoff's giver to its receiver, kept in the stream WEFT_FLOWS until the handoff is done.",
    messages: ["FlowChunk"],
  },
  tracked: {
    address: trackedSubject({ tenant: "{tenant}", group: "{group}" }, "{shard}"),
    description:
      "What a shard of a group with replicated state tracks, for the agents of its peers; not kept.",
    messages: ["TrackedTold"],
  },
  trackedAsk: {
    address: trackedAskSubject({ tenant: "{tenant}", group: "{group}" }, "{shard}"),
    description: "An agent has missed something of what a shard tracks and asks for the whole of it.",
    messages: [],
  },
  awake: {
    address: awakeSubject,
    description: "Nobody listens: it tells the server alone that the sender is there.",
    messages: [],
  },
  sessionUp: {
    address: sessionStream("{session}", "up"),
    description: "Frames of a session to the agent: raw bytes, the stream named in the header Weft-Stream.",
    messages: ["SessionResize"],
  },
  sessionDown: {
    address: sessionStream("{session}", "down"),
    description: "Frames of a session from the agent.",
    messages: ["SessionExit"],
  },
};

export function asyncApi(version: string): JsonObject {
  const kept = Object.fromEntries(
    Object.entries(buckets).map(([name, { bucket, writer, schema }]): [string, Channel] => [
      name,
      {
        address: `$KV.${bucket}.{key}`,
        description: `Bucket ${bucket}, written by ${writer} alone: a put is the event. An empty message with the header KV-Operation deletes; Weft-Cause names what asked for it.`,
        messages: [nameOf(schema)],
      },
    ]),
  );
  const channels = { ...requests, reply: replyChannel, ...streams, ...kept };
  return {
    asyncapi: "3.0.0",
    info: { title: "Weft bus", version, description: "NATS subjects and JetStream buckets of Weft." },
    defaultContentType: "application/json",
    channels: mapValues(channels, channelObject),
    operations: {
      ...mapValues(requests, (_, name) => requestOperation(name)),
      ...mapValues({ ...streams, ...kept }, (_, name) => ({
        action: "send",
        channel: ref("channels", name),
      })),
    },
    components: {
      messages: mapValues({ ...given, ...read }, (_, name) => ({ payload: ref("components/schemas", name) })),
      schemas: Object.fromEntries(
        [...jsonSchemas()].map(([name, { $schema: _schema, $id: _id, ...schema }]) => [name, schema]),
      ),
    },
  };
}

/** The sender's own inbox. */
const replyChannel: Channel = {
  address: null,
  description: "The reply subject that the request names.",
  messages: ["IntentReply", "TokenReply", "JoinReply", "RemoveNodeReply"],
};

function requestOperation(name: string): JsonObject {
  const answered = name !== "session" && name !== "serviceLogs";
  return {
    action: "receive",
    channel: ref("channels", name),
    ...(answered ? { reply: { channel: ref("channels", "reply") } } : {}),
  };
}

function channelObject({ address, description, messages }: Channel): JsonObject {
  const names = [...(address ?? "").matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  return {
    address,
    description,
    ...(names.length === 0
      ? {}
      : { parameters: Object.fromEntries(names.map((name) => [name, parameter(name)])) }),
    messages: Object.fromEntries(messages.map((name) => [name, ref("components/messages", name)])),
  };
}

function parameter(name: string): JsonObject {
  const words: Readonly<Record<string, string>> = {
    key: "<tenant>.<kind>.<name>; `_` stands where no tenant owns the record",
    stage: "intent, shard, handoff, chain, node or scale",
    placementUid: "uid of the giver's placement",
    handoff: "id of the handoff in its group",
    chunk: "number of the list, from 0",
    what: "the last word of the event's type",
  };
  return { description: words[name] ?? `name of the ${name}` };
}

function nameOf(schema: unknown): SchemaName {
  const found = Object.entries(read).find(([, one]) => one === schema)?.[0];
  if (found === undefined) throw new Error("a bucket's schema is missing in described-schemas.ts");
  return found as SchemaName; // a key of `read`
}

function ref(place: string, name: string): JsonObject {
  return { $ref: `#/${place}/${name}` };
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  to: (value: T, name: string) => JsonObject,
): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value, name)]));
}
