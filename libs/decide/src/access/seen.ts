/** What is looked at when a host wants in or is to go: tokens and members, the nodes with their health, and what they carry. */
import type { AccessRecord, HealthRecord, NodeRecord, PlacementRecord, RealizedRecord } from "@weft/schemas";
import type { Records } from "../schedule/seen.ts";

export interface AccessSeen {
  readonly access: Records<AccessRecord>;
  readonly nodes: Records<NodeRecord>;
  readonly health: Records<HealthRecord>;
  readonly placements: Records<PlacementRecord>;
  readonly realized: Records<RealizedRecord>;
}

/** A write to weft_access, compared with the revision that it was decided from (0: none was there). */
export interface AccessWrite {
  readonly key: string;
  readonly record: AccessRecord;
  readonly ifRevision: number;
}
