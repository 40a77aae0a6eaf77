export type {
  Actual,
  ActualNetwork,
  LogicalNetwork,
  LogicalRouter,
  LogicalSwitch,
  RouterPolicy,
  RouterPort,
  SwitchPort,
} from "./network.ts";
export { emptyNetwork } from "./network.ts";
export type { PortBinding, Progress, StitchSeen } from "./seen.ts";
export type {
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
  NetworkStep,
  PutSlots,
  PutStitched,
  RecordStep,
  RemoveSlots,
  RemoveStitched,
  StitchStep,
} from "./step.ts";
export { isNetworkStep } from "./step.ts";
export type { ForeignPorts, ForeignRow } from "./taken-names.ts";
export { awaitMs } from "./awaited-shards.ts";
export { guardStore } from "./guard-store.ts";
export type { RememberStore, StandStill } from "./guard-store.ts";
export { desiredNetwork, planTenants } from "./desired-network.ts";
export type { TenantPlan } from "./desired-network.ts";
export { diffNetwork } from "./diff-network.ts";
export { decideStitch } from "./decide-stitch.ts";
