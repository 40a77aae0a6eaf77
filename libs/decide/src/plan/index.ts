export type { PlanRequest } from "./plan.ts";
export { planSteps } from "./plan.ts";
export type { PlanRecords } from "./simulated-world.ts";
