// admit
export type {
  Admission,
  AdmitRequest,
  Candidate,
  Deletion,
  Finding,
  IntentWrite,
  KnownFunction,
  KnownIntent,
  KnownIntents,
  WholeDocument,
} from "./admit/index.ts";
export { admit, canonicalText, codeOf, faultsOf, finding, parseDocuments, pathText } from "./admit/index.ts";
// schedule
export type {
  ChangePlacement,
  Forget,
  Leave,
  NewShard,
  NewWorkload,
  PlaceGroup,
  PlaceShard,
  PlaceWorkload,
  ScheduleSeen,
  ScheduleStep,
  Unplaced,
} from "./schedule/index.ts";
export {
  decideSchedule,
  groupSubnets,
  macOf,
  maxShardIndex,
  portName,
  unplacedOf,
  whyUnplaced,
} from "./schedule/index.ts";
