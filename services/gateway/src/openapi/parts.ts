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
} as const;

export const refused = {
  description: "a refusal (RFC 9457); nothing was changed",
  content: { "application/problem+json": { schema: ref("Refusal") } },
};
export const watching = query(
  "watch",
  "boolean",
  "as server-sent events: ADDED for each, SYNCED, then ADDED, MODIFIED, DELETED",
);
export const dryRun = query(
  "dryRun",
  "boolean",
  "change nothing; answers Accepted with the steps that the services would take",
);
export const repeatable = header(
  "Idempotency-Key",
  "the same request with the same key is answered once, for 10 minutes",
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
  return {
    parameters: [...inPath(path), ...parameters],
    responses: {
      "200": { description: "done", content: { "application/json": { schema } } },
      default: refused,
    },
  };
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

export function bodyOf(name: keyof typeof schemas): unknown {
  return { required: true, content: { "application/json": { schema: ref(name) } } };
}

function ref(name: keyof typeof schemas): object {
  return { $ref: `#/components/schemas/${name}` };
}
