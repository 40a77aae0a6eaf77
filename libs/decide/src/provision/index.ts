export { decideProvision } from "./decide-provision.ts";
export { realizedOf } from "./realized-of.ts";
export { judgeStore } from "./judge-store.ts";
export type { StoreSight, StoreVerdict } from "./judge-store.ts";
export { mayLeave } from "./may-leave.ts";
export { provisionOrder } from "./step.ts";
export type { WantedParts } from "./wanted-parts.ts";
export { wantedParts } from "./wanted-parts.ts";
export { decideUplinkBridges } from "./uplink-bridges.ts";
export type { SeenBridge, UplinkStep, UplinksSeen } from "./uplink-bridges.ts";
export type {
  LoadConfig,
  MendWiring,
  ProvisionStep,
  PutRealized,
  StartInstance,
  StartProbe,
  Wire,
} from "./step.ts";
export type {
  Failure,
  LiveConfig,
  ProvisionSeen,
  SeenHolder,
  SeenInstance,
  SeenPlacement,
  SeenThing,
} from "./seen.ts";
