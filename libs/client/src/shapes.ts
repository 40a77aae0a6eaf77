/** What the gateway answers, checked as it comes in: a server of another version shows here and not further on. */
import type { Resource } from "@weft/schemas";
import {
  FunctionRow,
  HandoffRow,
  NodeRow,
  ServiceRow,
  ShardRow,
  Status,
  WeftError,
  kindNames,
} from "@weft/schemas";
import { z } from "zod";

const ResourceShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.enum(kindNames),
  metadata: z.looseObject({
    name: z.string(),
    tenant: z.string(),
    uid: z.string(),
    generation: z.number(),
    revision: z.number(),
    createdAt: z.string(),
  }),
  spec: z.looseObject({}),
  status: Status,
});

/** A document as read back; its spec is the gateway's word. */
export const ResourceAnswer = z.custom<Resource>((value) => ResourceShape.safeParse(value).success);

export function listOf<Row>(row: z.ZodType<Row>): z.ZodType<{ items: Row[] }> {
  return z.object({ items: z.array(row) });
}

export const rowLists = {
  shards: listOf(ShardRow),
  handoffs: listOf(HandoffRow),
  nodes: listOf(NodeRow),
  functions: listOf(FunctionRow),
  services: listOf(ServiceRow),
} as const;

export const Remains = z.object({ remains: z.array(z.string()) });

const Keyed = z.looseObject({
  metadata: z.looseObject({ name: z.string(), tenant: z.string() }).optional(),
});

/** What tells the items of one list apart: a document's name, a row's words; one thing alone needs none. */
export function keyOf(item: unknown): string {
  const row = Keyed.safeParse(item).data ?? {};
  const { name, tenant, functionGroup, from, to, startedAt } = { ...row, ...row.metadata };
  return JSON.stringify([tenant, name, functionGroup, from, to, startedAt]);
}

export function checked<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new WeftError("internal", "The server's answer is not one of a gateway of this version.", {
    cause: parsed.error,
  });
}
