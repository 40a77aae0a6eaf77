export { StitcherConfig } from "./config.ts";
export type { ExecutePorts, StitcherStep, TakeDatabases } from "./execute-steps.ts";
export { executeSteps } from "./execute-steps.ts";
export { openOvnDatabases } from "./ovn-databases.ts";
export type { OvnDatabases, RecordStore, SeenOvn } from "./ports.ts";
export { createStitcher } from "./service.ts";
export { slotMapKey, slotMapSteps } from "./slot-map.ts";
export { slotsEvents, stitchedEvents } from "./stitcher-events.ts";
