export { instantMs, instantText } from "./instant.ts";
export { Label, GroupName, defaultTenant, isLabel, shardName } from "./names.ts";
export {
  Duration,
  Cpu,
  Bytes,
  Bitrate,
  durationSeconds,
  cpuCores,
  bytesCount,
  bitsPerSecond,
} from "./quantities.ts";
export type { Address, Family, Subnet } from "./ip.ts";
export {
  AddressText,
  SubnetText,
  addressAt,
  bitsOf,
  contains,
  formatAddress,
  formatSubnet,
  maskOf,
  networkOf,
  overlaps,
  parseAddress,
  parseSubnet,
} from "./ip.ts";
export { apiVersion, Metadata } from "./documents/metadata.ts";
export { atMost, besideFaults, isObject } from "./documents/beside-faults.ts";
export { faultWords } from "./documents/fault-words.ts";
export type { SoundDocument, SoundSpec, SoundSpecOf } from "./documents/sound-document.ts";
export { readSoundDocument } from "./documents/sound-document.ts";
export { Network, NetworkSpec, Uplink } from "./documents/network.ts";
export { Image, Runtime, Workload, WorkloadSpec, isRuntimeToCome } from "./documents/workload.ts";
export {
  Affinity,
  FunctionGroup,
  FunctionGroupSpec,
  GroupState,
  Resources,
  Update,
} from "./documents/function-group.ts";
export { NodePolicy, NodePolicySpec } from "./documents/node-policy.ts";
export { Chain, ChainProtocol, ChainSpec } from "./documents/chain.ts";
export type { Kind } from "./documents/document.ts";
export { Document, kindNames, kindOf, kinds } from "./documents/document.ts";
export { IntentRecord } from "./records/intent.ts";
export type { InstancePlacement } from "./records/placement.ts";
export {
  GroupPlacement,
  PlacedInterface,
  PlacedRoute,
  PlacementRecord,
  ProbePlacement,
  ProvenSpec,
  Rollout,
  Segment,
  ShardPlacement,
  UplinkPlacement,
  WorkloadPlacement,
  isInstance,
} from "./records/placement.ts";
export { RealizedRecord, RealizedState } from "./records/realized.ts";
export { NodeRecord } from "./records/node.ts";
export { Flow, FlowChunk, ShimProgress, ShimRecord } from "./records/shim.ts";
export { TrackedFlow, TrackedState, TrackedTold } from "./records/tracked.ts";
export { HandoffPhase, SlotsRecord, slotCount } from "./records/slots.ts";
export { StitchedRecord } from "./records/stitched.ts";
export { ShardSample, ShardSamples } from "./records/shard-samples.ts";
export { HealthRecord, Heartbeat, NodeHealth, ShardHealth, ShardReport } from "./records/health.ts";
export { AccessRecord, JoinTokenRecord, NodeAccessRecord } from "./records/access.ts";
export type { Ticket, TicketKind } from "./tickets.ts";
export { parseTicket, ticketText } from "./tickets.ts";
export type { BucketName, Records } from "./buckets.ts";
export {
  buckets,
  intentKey,
  joinTokenKey,
  nodeAccessKey,
  nodeHealthKey,
  recordKey,
  revisionId,
  slotsKey,
  uplinkKey,
} from "./buckets.ts";
export {
  acceptStoreSubject,
  applySubject,
  awakeSubject,
  deleteSubject,
  eventSubject,
  eventsStream,
  eventsWildcard,
  flowsStream,
  flowsSubject,
  flowsWildcard,
  heartbeatNewsSubject,
  heartbeatNewsWildcard,
  heartbeatSubject,
  heartbeatWildcard,
  nodeJoinSubject,
  nodeRemoveSubject,
  nodeTokenSubject,
  sampleEveryMs,
  samplesSubject,
  samplesWildcard,
  serviceLogsSubject,
  sessionStream,
  sessionSubject,
  trackedAskSubject,
  trackedSubject,
} from "./subjects.ts";
export { EventType, WeftEvent, eventTypes } from "./events.ts";
export type { ErrorCode } from "./errors.ts";
export { Fault, Refusal, WeftError, errorCatalogue, errorOfRefusal, refusalOf } from "./errors.ts";
export type { TraceAsked } from "./api/trace.ts";
export { TraceEnd, TraceHop, TraceProtocol, TraceQuery, TraceView } from "./api/trace.ts";
export { PlannedStep } from "./api/plan.ts";
export type { Resource } from "./api/requests.ts";
export {
  Accepted,
  StoreAccepted,
  AppliedDocument,
  ApplyRequest,
  Condition,
  DeleteRequest,
  DeleteSeveralRequest,
  IntentReply,
  Refused,
  Status,
  maxDocuments,
  maxRequestBytes,
} from "./api/requests.ts";
export {
  FunctionRow,
  HandoffRow,
  NodeRow,
  ServiceRow,
  ShardDrain,
  ShardRow,
  ShardState,
  SlotsView,
} from "./api/rows.ts";
export {
  JoinReply,
  JoinRequest,
  JoinToken,
  Joined,
  MemberView,
  Membership,
  NodeRemoved,
  NodeSettings,
  RemoveNodeReply,
  RemoveNodeRequest,
  TokenReply,
  TokenRequest,
  maxTokenSeconds,
} from "./api/access.ts";
export {
  SessionControl,
  SessionExit,
  SessionOpen,
  SessionRequest,
  SessionResize,
  SessionStreamName,
  sessionFrameBytes,
  sessionStreamHeader,
  sessionWindow,
  socketStreams,
} from "./api/session.ts";
