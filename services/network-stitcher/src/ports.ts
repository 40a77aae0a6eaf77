/** What the stitcher needs of the world beside its views. Interfaces only; service.ts builds the real ones. */
import type { ActualNetwork, NetworkStep, PortBinding, Progress } from "@weft/decide";
import type { Signal } from "@weft/runtime";
import type { SlotsRecord, StitchedRecord } from "@weft/schemas";

export interface SeenOvn {
  readonly network: ActualNetwork;
  readonly progress: Progress;
  readonly bindings: ReadonlyMap<string, PortBinding>;
  /** Of the stitcher that wrote last. */
  readonly epoch: number;
}

export interface OvnDatabases {
  readonly changed: Signal;
  /** Undefined while either database is not followed: then nothing may be decided. */
  look(): SeenOvn | undefined;
  /** From here on, transactions of earlier leaders fail. */
  claim(epoch: number): Promise<void>;
  /** All steps in one transaction, refused when a later leader has claimed the database. */
  commit(steps: readonly NetworkStep[], epoch: number): Promise<void>;
  close(): Promise<void>;
}

/** weft_slots and weft_stitched, each write only while the record is at the revision that it was decided from. */
export interface RecordStore {
  putSlots(key: string, record: SlotsRecord, ifRevision: number): Promise<void>;
  removeSlots(key: string, ifRevision: number): Promise<void>;
  putStitched(key: string, record: StitchedRecord, ifRevision: number): Promise<void>;
  removeStitched(key: string, ifRevision: number): Promise<void>;
}
