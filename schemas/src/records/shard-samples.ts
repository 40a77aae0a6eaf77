/**
 * Samples: what a node's shards carry and use, said by its agent about once a second on samplesSubject. Not kept anywhere.
 * null is what could not be read just then, never a guess. Counters count from the placing of the shard and never fall.
 */
import { z } from "zod";
import { GroupName, Label } from "../names.ts";

const ByDirection = z.strictObject({
  toServer: z.number().describe("from the clients' side, arrived at in0"),
  toClient: z.number().describe("from the servers' side, arrived at out0"),
});

export const ShardSample = z.strictObject({
  tenant: Label,
  name: Label,
  group: GroupName,
  placementUid: z.string(),
  bytes: ByDirection.nullable().describe("of Ethernet frames, without their checksums"),
  packets: ByDirection.nullable(),
  cpuSeconds: z.number().nullable().describe("of the function's processes; not what the kernel forwards"),
  flows: z.number().int().nullable().describe("connections that it tracks, without the probe's"),
  bitsPerSecond: z.number().nullable().describe("both directions together, since the sample before"),
  cpu: z.number().nullable().describe("cores, since the sample before"),
  memory: z.number().nullable().describe("bytes, without file pages that the kernel may take back"),
});
export type ShardSample = z.infer<typeof ShardSample>;

export const ShardSamples = z.strictObject({
  node: Label,
  shards: z.array(ShardSample).describe("all of the node's; one that is missing is not there any more"),
});
export type ShardSamples = z.infer<typeof ShardSamples>;
