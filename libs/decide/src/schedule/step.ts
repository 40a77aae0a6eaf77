/**
 * Steps of the scheduler: each one write to weft_placements, and why.
 * A new placement has no uid yet: the executor makes it. `ifRevision` is the revision that the step was decided from.
 */
import type {
  GroupPlacement,
  PlacementRecord,
  ShardPlacement,
  UplinkPlacement,
  WorkloadPlacement,
} from "@weft/schemas";

export type NewShard = Omit<ShardPlacement, "uid">;
export type NewWorkload = Omit<WorkloadPlacement, "uid">;

interface StepOf<Kind extends string> {
  readonly kind: Kind;
  readonly key: string;
  readonly why: string;
}
export interface PlaceGroup extends StepOf<"placeGroup"> {
  readonly record: GroupPlacement;
}
export interface PlaceUplink extends StepOf<"placeUplink"> {
  readonly record: UplinkPlacement;
}
export interface PlaceShard extends StepOf<"placeShard"> {
  readonly record: NewShard;
}
export interface PlaceWorkload extends StepOf<"placeWorkload"> {
  readonly record: NewWorkload;
}
/** The same thing at the same place with the same uid, told something new. */
export interface ChangePlacement extends StepOf<"changePlacement"> {
  readonly record: PlacementRecord;
  readonly ifRevision: number;
}
/** It must go; its agent and the stitcher see to that. */
export interface Leave extends StepOf<"leave"> {
  readonly record: PlacementRecord;
  readonly ifRevision: number;
}
/** It was leaving and stays after all. */
export interface TakeBack extends StepOf<"takeBack"> {
  readonly record: ShardPlacement;
  readonly ifRevision: number;
}
/** It is gone: the record goes too, and its name and addresses are free. */
export interface Forget extends StepOf<"forget"> {
  readonly ifRevision: number;
}
export type ScheduleStep =
  | PlaceGroup
  | PlaceUplink
  | PlaceShard
  | PlaceWorkload
  | ChangePlacement
  | Leave
  | TakeBack
  | Forget;

/** Why something that is wanted has no place yet, or none but one that it must leave. */
export interface Unplaced {
  readonly kind: "FunctionGroup" | "Workload";
  readonly tenant: string;
  readonly name: string;
  /** One CamelCase word: NoNode, NoRoom, AddressInUse, NetworkMissing, OldLeaving, Pinned, NoSubnetLeft, NodeMissing. */
  readonly reason: string;
  readonly message: string;
}
