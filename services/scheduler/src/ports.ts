/** What the scheduler's executors need of the world. Interfaces only; service.ts builds the real one on the bus. */
import type { PlacementRecord } from "@weft/schemas";

/** weft_placements, each write only while the record is at the revision that it was decided from (0: not there). */
export interface PlacementStore {
  put(key: string, record: PlacementRecord, ifRevision: number): Promise<void>;
  remove(key: string, ifRevision: number): Promise<void>;
}
