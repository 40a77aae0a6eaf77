export type { Adoption } from "./adoptions.ts";
export { adoptionsOf } from "./adoptions.ts";
export type { CarriedOut, GroupName, ReplicaShard, ReplicaSight, ReplicaStep } from "./decide-replicas.ts";
export { decideReplicas } from "./decide-replicas.ts";
