/**
 * Buckets: where each kind of record lives, what its keys look like and which service alone writes it.
 * A bucket is a JetStream key-value bucket; keys begin with the tenant, so that an account per tenant can import
 * `$KV.<bucket>.<tenant>.>` later without a key moving. `_` stands where no tenant owns the record.
 */
import type { Kind } from "./documents/document.ts";
import { kinds } from "./documents/document.ts";
import { AccessRecord } from "./records/access.ts";
import { IntentRecord } from "./records/intent.ts";
import { HealthRecord } from "./records/health.ts";
import { NodeRecord } from "./records/node.ts";
import { PlacementRecord } from "./records/placement.ts";
import { RealizedRecord } from "./records/realized.ts";
import { ShimRecord } from "./records/shim.ts";
import { SlotsRecord } from "./records/slots.ts";
import { StitchedRecord } from "./records/stitched.ts";

export const buckets = {
  intents: { bucket: "weft_intents", writer: "intent", schema: IntentRecord },
  placements: { bucket: "weft_placements", writer: "scheduler", schema: PlacementRecord },
  realized: { bucket: "weft_realized", writer: "agent", schema: RealizedRecord },
  nodes: { bucket: "weft_nodes", writer: "agent", schema: NodeRecord },
  slots: { bucket: "weft_slots", writer: "network-stitcher", schema: SlotsRecord },
  stitched: { bucket: "weft_stitched", writer: "network-stitcher", schema: StitchedRecord },
  health: { bucket: "weft_health", writer: "health", schema: HealthRecord },
  shims: { bucket: "weft_shims", writer: "agent", schema: ShimRecord },
  access: { bucket: "weft_access", writer: "intent", schema: AccessRecord },
} as const;
export type BucketName = keyof typeof buckets;

/** The record that a bucket holds, e.g. RecordOf<"intents">. */
export interface Records {
  intents: IntentRecord;
  placements: PlacementRecord;
  realized: RealizedRecord;
  nodes: NodeRecord;
  slots: SlotsRecord;
  stitched: StitchedRecord;
  health: HealthRecord;
  shims: ShimRecord;
  access: AccessRecord;
}

export function intentKey(kind: Kind, tenant: string, name: string): string {
  return `${tenant}.${kinds[kind].token}.${name}`;
}

/** Key in weft_placements, weft_realized, weft_shims, weft_stitched and weft_health of what a tenant owns. */
export function recordKey(
  kind: "group" | "shard" | "workload" | "uplink" | "network" | "chain",
  tenant: string,
  name: string,
): string {
  return `${tenant}.${kind}.${name}`;
}

/** Key in weft_realized of what one of a network's nodes made of its uplink. */
export function uplinkKey(tenant: string, network: string, node: string): string {
  return `${recordKey("uplink", tenant, network)}.${node}`;
}

export function slotsKey(tenant: string, group: string): string {
  return `${tenant}.${group}`;
}

export function nodeHealthKey(node: string): string {
  return `_.node.${node}`;
}

export function joinTokenKey(id: string): string {
  return `_.token.${id}`;
}

export function nodeAccessKey(node: string): string {
  return `_.node.${node}`;
}

/** How events name a revision of a record, their own `id` and what is behind them. */
export function revisionId(name: BucketName, key: string, revision: number): string {
  return `${buckets[name].bucket}/${key}@${revision}`;
}
