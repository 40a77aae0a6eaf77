export { epochKey, claim, countUp, epochOf, fence, rememberStore, storeOf } from "./nb-global.ts";
export type { GlobalRow } from "./nb-global.ts";
export { removeChassis } from "./chassis.ts";
export { ownerKey, tenantKey } from "./ownership.ts";
export type { NorthboundRows } from "./read-network.ts";
export { northboundWatch, readNetwork } from "./read-network.ts";
export type { SouthboundRows } from "./read-progress.ts";
export { readBindings, readProgress, southboundWatch } from "./read-progress.ts";
export { toOperations } from "./to-operations.ts";
