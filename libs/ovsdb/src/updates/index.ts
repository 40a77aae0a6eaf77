/**
 * What the updates layer offers to replica/ and client/.
 * Lists names only.
 * Keeping rows is left to replica/.
 */
export { applyDiff } from "./apply-diff.ts";
export { applyUpdate } from "./apply-update.ts";
export { InconsistentUpdate } from "./inconsistent-update.ts";
export { readUpdate, readUpdate2 } from "./row-update.ts";
export type { UpdatedTable } from "./apply-update.ts";
export type { RowUpdate, WireColumns } from "./row-update.ts";
