export { SchedulerConfig } from "./config.ts";
export { executeSteps } from "./execute-steps.ts";
export type { ExecutePorts } from "./execute-steps.ts";
export { placementEvents } from "./placement-events.ts";
export type { PlacementStore } from "./ports.ts";
export { createScheduler } from "./service.ts";
