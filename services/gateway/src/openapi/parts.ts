/** Pieces of the OpenAPI description: shapes by name, parameters and answers. Pure. */
import {
  Accepted,
  ApplyRequest,
  DeleteSeveralRequest,
  Document,
  FunctionRow,
  HandoffRow,
  JoinRequest,
  JoinToken,
  Joined,
  MemberView,
  Metadata,
  NodeRemoved,
  NodeRow,
  Refusal,
  ServiceRow,
  SessionControl,
  SessionOpen,
  ShardRow,
  SlotsView,
  Status,
  TokenRequest,
  TraceView,
  WeftEvent,
  apiVersion,
  kindNames,
} from "@weft/schemas";
import { z } from "zod";

export interface Operation {
  readonly summary: string;
  readonly parameters?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly unknown[];
}

const Resource = z
  .object({
    apiVersion: z.literal(apiVersion),
    kind: z.enum(kindNames),
    metadata: Metadata,
    spec: z.unknown(),
    status: Status,
  })
  .describe("a document as read back; its spec is that of its kind");

export const schemas = {
  Document,
  Resource,
  ApplyRequest,
  DeleteSeveralRequest,
  Accepted,
  Refusal,
  Event: WeftEvent,
  Shard: ShardRow,
  Slots: SlotsView,
  Handoff: HandoffRow,
  Node: NodeRow,
  TokenRequest,
  JoinToken,
  JoinRequest,
  Joined,
  Member: MemberView,
  NodeRemoved,
  Function: FunctionRow,
  Service: ServiceRow,
  Trace: TraceView,
  SessionOpen,
  SessionControl,
} as const;

export const refused = {
  description: "a refusal (RFC 9457); nothing was changed",
  content: { "application/problem+json": { schema: ref("Refusal") } },
};
/** Parameters that make a reading one that goes on: its answer is a stream of server-sent events then. */
export const watching = query(
  "watch",
  "boolean",
  "as server-sent events: ADDED for each, SYNCED, then ADDED, MODIFIED, DELETED",
);
export const following = query("follow", "boolean", "as server-sent events, each as it comes");
export const dryRun = query(
  "dryRun",
  "boolean",
  "change nothing; answers Accepted with the steps that the services would take",
);
export const repeatable = header(
  "Idempotency-Key",
  "the same request with the same key at the same copy of the gateway is carried out once and answered alike for 10 minutes, of the last " +
    "1,000 keys. Another copy, or one that was started anew, knows nothing of it: If-Match and If-None-Match hold at all of them",
);

export function answers(
  name: keyof typeof schemas,
  { list = false }: { list?: boolean },
  path: string,
  parameters: readonly unknown[],
): Pick<Operation, "parameters" | "responses"> {
  const items = { type: "object", properties: { items: { type: "array", items: ref(name) } } };
  return answersOf(list ? items : ref(name), path, parameters);
}

export function answersOf(
  schema: object,
  path: string,
  parameters: readonly unknown[],
): Pick<Operation, "parameters" | "responses"> {
  const goesOn = parameters.some((each) => each === watching || each === following);
  const stream = goesOn ? { "text/event-stream": { schema: { type: "string" } } } : {};
  return {
    parameters: [...inPath(path), ...parameters],
    responses: {
      "200": { description: "done", content: { "application/json": { schema }, ...stream } },
      default: refused,
    },
  };
}

/** The same where something may be created. */
export function orCreated(operation: ReturnType<typeof answers>): ReturnType<typeof answers> {
  const { "200": done, ...rest } = operation.responses;
  const created = { ...(typeof done === "object" ? done : {}), description: "created" };
  return { ...operation, responses: { "200": done, "201": created, ...rest } };
}

export function inPath(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

export function query(name: string, type: string, description: string): unknown {
  return { name, in: "query", description, schema: { type } };
}

export function header(name: string, description: string): unknown {
  return { name, in: "header", description, schema: { type: "string" } };
}

export function bodyOf(name: keyof typeof schemas): { readonly required: true; readonly content: object } {
  return { required: true, content: { "application/json": { schema: ref(name) } } };
}

/** As JSON or YAML; `yaml` where that is of another shape, such as a stream of documents. */
export function bodyOrYaml(name: keyof typeof schemas, yaml: object = { schema: ref(name) }): unknown {
  const { required, content } = bodyOf(name);
  return { required, content: { ...content, "application/yaml": yaml } };
}

function ref(name: keyof typeof schemas): object {
  return { $ref: `#/components/schemas/${name}` };
}
