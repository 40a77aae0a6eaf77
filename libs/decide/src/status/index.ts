export type { BecameReady } from "./became-ready.ts";
export { becameReady, generationId } from "./became-ready.ts";
export type { StatusBucket, StatusEntry, StatusRecords, StatusWorld } from "./world.ts";
export { statusWorld } from "./world.ts";
export { resourceOf } from "./resource-of.ts";
export { remainsOf } from "./remains.ts";
export type { ShardLoads } from "./rows.ts";
export { handoffRows, nodeRows, shardRows, slotsView } from "./rows.ts";
