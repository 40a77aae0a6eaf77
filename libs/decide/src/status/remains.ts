/**
 * What is left of a resource once it is asked to go: nothing left means deleted.
 * Reads all buckets but health, whose verdicts are nobody's to wait for.
 */
import type { Kind } from "@weft/schemas";
import { intentKey, recordKey, slotsKey } from "@weft/schemas";
import type { StatusRecords } from "./world.ts";

/** One phrase for each record that is still there; empty when the resource is deleted. */
export function remainsOf(kind: Kind, tenant: string, name: string, records: StatusRecords): string[] {
  const document = records.intents.has(intentKey(kind, tenant, name)) ? ["its document"] : [];
  switch (kind) {
    case "NodePolicy":
      return document;
    case "Network":
      return [...document, ...stitchedRemains("network", tenant, name, records)];
    case "Chain":
      return [...document, ...stitchedRemains("chain", tenant, name, records)];
    case "Workload":
      return [...document, ...workloadRemains(tenant, name, records)];
    case "FunctionGroup":
      return [...document, ...groupRemains(tenant, name, records)];
  }
}

function stitchedRemains(
  kind: "network" | "chain" | "workload",
  tenant: string,
  name: string,
  { stitched }: StatusRecords,
): string[] {
  return stitched.has(recordKey(kind, tenant, name)) ? ["its part of the network"] : [];
}

function workloadRemains(tenant: string, name: string, records: StatusRecords): string[] {
  const key = recordKey("workload", tenant, name);
  const placement = records.placements.get(key)?.value;
  return [
    ...(placement?.kind === "workload" ? [`its place on ${placement.node}`] : []),
    ...(records.realized.has(key) ? ["what runs of it"] : []),
    ...stitchedRemains("workload", tenant, name, records),
  ];
}

function groupRemains(tenant: string, name: string, records: StatusRecords): string[] {
  const left = (bucket: ReadonlyMap<string, unknown>) =>
    [...bucket.keys()].filter((key) => isShardKey(key, tenant, name)).length;
  const counted: [count: number, what: string][] = [
    [left(records.placements), "placed shards"],
    [left(records.realized), "shards that run"],
    [left(records.stitched), "shards in the network"],
    [records.placements.has(recordKey("group", tenant, name)) ? 1 : 0, "pair of subnets"],
    [records.slots.has(slotsKey(tenant, name)) ? 1 : 0, "record of slots"],
  ];
  return counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}

/** `<tenant>.shard.<group>-<n>`: a shard's number has no `-`, so the last one divides. */
function isShardKey(key: string, tenant: string, group: string): boolean {
  const front = recordKey("shard", tenant, `${group}-`);
  return key.startsWith(front) && /^\d+$/.test(key.slice(front.length));
}
