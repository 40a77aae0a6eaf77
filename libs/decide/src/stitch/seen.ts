/**
 * What the stitcher looks at: records of seven buckets, the rows of OVN's northbound database that Weft owns,
 * and how far OVN's southbound database and the chassis have followed.
 */
import type {
  HealthRecord,
  IntentRecord,
  PlacementRecord,
  RealizedRecord,
  ShimRecord,
  SlotsRecord,
  StitchedRecord,
} from "@weft/schemas";
import type { Records } from "../schedule/seen.ts";
import type { ActualNetwork } from "./network.ts";
import type { ForeignPorts } from "./taken-names.ts";

export interface PortBinding {
  /** Name of the chassis that has it; undefined while none has. */
  readonly chassis: string | undefined;
  readonly up: boolean;
}

/** Counters that OVN hands down: NB_Global.nb_cfg, then sb_cfg once northd has compiled, then each chassis once it has applied. */
export interface Progress {
  readonly wanted: number;
  readonly compiled: number;
  /** Chassis_Private.nb_cfg by the chassis' name. */
  readonly applied: ReadonlyMap<string, number>;
}

export interface StitchSeen {
  readonly intents: Records<IntentRecord>;
  readonly placements: Records<PlacementRecord>;
  readonly health: Records<HealthRecord>;
  readonly slots: Records<SlotsRecord>;
  readonly stitched: Records<StitchedRecord>;
  readonly realized: Records<RealizedRecord>;
  readonly shims: Records<ShimRecord>;
  readonly network: ActualNetwork;
  readonly foreignPorts: ForeignPorts;
  readonly progress: Progress;
  /** By logical port. */
  readonly bindings: ReadonlyMap<string, PortBinding>;
}
