// access
export type {
  AccessSeen,
  AccessWrite,
  ChassisSeen,
  ChassisSight,
  ChassisWatch,
  FarewellStep,
  JoinWish,
  MemberStanding,
  MembershipSeen,
  MembershipStep,
  Removal,
  RemoveChassis,
} from "./access/index.ts";
export {
  admitJoin,
  admitRemoval,
  decideChassis,
  decideFarewell,
  decideFences,
  decideMembership,
  fencesMs,
  isNodeRemoved,
  isSilent,
  memberStanding,
  removedNodes,
  watchChassis,
} from "./access/index.ts";
// admit
export type {
  Admission,
  AdmitRequest,
  Candidate,
  ConfigToCheck,
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
  PlaceUplink,
  PlaceWorkload,
  SchedulePolicy,
  ScheduleSeen,
  ScheduleStep,
  TakeBack,
  Unplaced,
} from "./schedule/index.ts";
export {
  decideSchedule,
  defaultSchedulePolicy,
  givingUpMs,
  groupSubnets,
  macOf,
  maxShardIndex,
  portName,
  unplacedOf,
} from "./schedule/index.ts";
// status
export type {
  BecameReady,
  ShardLoads,
  StatusBucket,
  StatusEntry,
  StatusRecords,
  StatusWorld,
} from "./status/index.ts";
export {
  becameReady,
  generationId,
  handoffRows,
  nodeRows,
  remainsOf,
  resourceOf,
  shardRows,
  slotsView,
  statusWorld,
} from "./status/index.ts";
// provision
export type {
  Failure,
  LiveConfig,
  LoadConfig,
  ProvisionSeen,
  ProvisionStep,
  PutRealized,
  SeenHolder,
  SeenInstance,
  SeenPlacement,
  SeenThing,
  StartInstance,
  SeenBridge,
  StartProbe,
  StoreSight,
  StoreVerdict,
  UplinkStep,
  UplinksSeen,
  WantedParts,
  Wire,
} from "./provision/index.ts";
export {
  decideProvision,
  decideUplinkBridges,
  judgeStore,
  mayLeave,
  provisionOrder,
  realizedOf,
  wantedParts,
} from "./provision/index.ts";
// plan
export type { PlanRecords, PlanRequest } from "./plan/index.ts";
export { planSteps } from "./plan/index.ts";
// slots
export type { EligibleShard, Owners, SlotMask } from "./slots/index.ts";
export { assignSlots, masksOf } from "./slots/index.ts";
export type { Handoff } from "./slots/index.ts";
export { isHeldBySlots, isInFlight } from "./slots/index.ts";
// shim
export type {
  ActualShim,
  FetchedList,
  MacPair,
  OwnedFlows,
  ShimDuty,
  ShimSeen,
  ShimSight,
  ShimStep,
  WantedList,
  WantedShim,
} from "./shim/index.ts";
export {
  decideShim,
  followedShims,
  forgottenAlready,
  isUntouched,
  ownersOf,
  shimOf,
  shimProgress,
  slotOfFlow,
  waitsForSteering,
} from "./shim/index.ts";
// replica
export type {
  Adoption,
  CarriedOut,
  GroupName,
  ReplicaShard,
  ReplicaSight,
  ReplicaStep,
} from "./replica/index.ts";
export { adoptionsOf, decideReplicas } from "./replica/index.ts";
// stitch
export type {
  Actual,
  ActualNetwork,
  ChangePolicy,
  ChangeRouterPort,
  ChangeSwitchPort,
  CreatePolicy,
  CreateRouter,
  CreateRouterPort,
  CreateSwitch,
  CreateSwitchPort,
  DeletePolicy,
  DeleteRouter,
  DeleteRouterPort,
  DeleteSwitch,
  DeleteSwitchPort,
  ForeignPorts,
  ForeignRow,
  LogicalNetwork,
  LogicalRouter,
  LogicalSwitch,
  NetworkStep,
  PortBinding,
  Progress,
  PutSlots,
  PutStitched,
  RecordStep,
  RemoveSlots,
  RemoveStitched,
  RouterPolicy,
  RouterPort,
  StitchSeen,
  StitchStep,
  SwitchPort,
  TenantPlan,
} from "./stitch/index.ts";
export {
  awaitMs,
  decideStitch,
  desiredNetwork,
  diffNetwork,
  emptyNetwork,
  guardStore,
  isNetworkStep,
  planTenants,
} from "./stitch/index.ts";
// trace
export { traceFlow } from "./trace/index.ts";
// verdict
export type {
  NodeBeat,
  PutNodeHealth,
  PutShardHealth,
  RemoveHealth,
  SeenReport,
  ShardReport,
  Silence,
  VerdictPolicy,
  VerdictSeen,
  VerdictStep,
} from "./verdict/index.ts";
export { decideVerdicts, defaultVerdictPolicy, silenceOf } from "./verdict/index.ts";
export type { RememberStore, StandStill } from "./stitch/index.ts";
