export type { CheckState, DiscoveredService } from "./discovery.ts";
export { listServices } from "./discovery.ts";
export { deleteKey, getKey, listKeys, putKey } from "./key-value.ts";
export { leaderOf } from "./leader-key.ts";
export type { RegisterOptions, Registration } from "./register-service.ts";
export { registerService } from "./register-service.ts";
export type { Leadership, StandOptions } from "./stand-for-leader.ts";
export { standForLeader } from "./stand-for-leader.ts";
