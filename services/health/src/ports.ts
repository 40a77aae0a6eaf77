/** What the executors of health need of the world. Interfaces only; service.ts builds the real one on the bus. */
import type { HealthRecord } from "@weft/schemas";

/** weft_health, each write only while the record is at the revision that it was decided from (0: not there). */
export interface HealthStore {
  put(key: string, record: HealthRecord, ifRevision: number): Promise<void>;
  remove(key: string, ifRevision: number): Promise<void>;
}
