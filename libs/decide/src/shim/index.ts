export type { ShimSight, ShimStep } from "./decide-shim.ts";
export { decideShim } from "./decide-shim.ts";
export { followedShims } from "./followed-shims.ts";
export type { ActualShim } from "./shim-progress.ts";
export { shimProgress } from "./shim-progress.ts";
export { slotOfFlow } from "./slot-of-flow.ts";
export type { MacPair, ShimDuty, ShimSeen, WantedList, WantedShim } from "./wanted-shim.ts";
export { shimOf } from "./wanted-shim.ts";
