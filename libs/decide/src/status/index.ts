export type { StatusBucket, StatusEntry, StatusRecords, StatusWorld } from "./world.ts";
export { statusWorld } from "./world.ts";
export { resourceOf } from "./resource-of.ts";
export { remainsOf } from "./remains.ts";
export { handoffRows, nodeRows, shardRows, slotsView } from "./rows.ts";
