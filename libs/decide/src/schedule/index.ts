export { groupSubnets, macOf, maxShardIndex, portName } from "./addressing.ts";
export type { SchedulePolicy } from "./given-up-nodes.ts";
export { defaultSchedulePolicy, givingUpMs } from "./given-up-nodes.ts";
export { decideSchedule, unplacedOf } from "./decide-schedule.ts";
export type { NodeWishes } from "./node-policies.ts";
export { nodeWishes } from "./node-policies.ts";
export type { ScheduleSeen } from "./seen.ts";
export type {
  ChangePlacement,
  Forget,
  Leave,
  NewShard,
  NewWorkload,
  PlaceGroup,
  PlaceShard,
  PlaceUplink,
  PlaceWorkload,
  ScheduleStep,
  TakeBack,
  Unplaced,
} from "./step.ts";
