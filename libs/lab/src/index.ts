export { startLab } from "./start-lab.ts";
export type { StartLabOptions } from "./start-lab.ts";
export { labStatus, stopLab } from "./stop-lab.ts";
export type { StopLabOptions } from "./stop-lab.ts";
export type { Leftover } from "./leftovers.ts";
export { clockFile } from "./fault-aids.ts";
export { labFolder } from "./layout.ts";
export { LabEndpoints, LabNode, LabPhase, LabState } from "./state.ts";
