/** What the stitcher needs of the world beside its views. Interfaces only; service.ts builds the real ones. */
import type { ActualNetwork, ForeignPorts, NetworkStep, PortBinding, Progress } from "@weft/decide";
import type { Signal } from "@weft/runtime";
import type { SlotsRecord, StitchedRecord } from "@weft/schemas";

export interface SeenOvn {
  readonly network: ActualNetwork;
  readonly foreignPorts: ForeignPorts;
  readonly progress: Progress;
  readonly bindings: ReadonlyMap<string, PortBinding>;
  /** Of the stitcher that claimed each of the two databases last. */
  readonly epochs: readonly number[];
  /** When the store was made that the rows come from; undefined: not written down. */
  readonly store: string | undefined;
}

export interface OvnDatabases {
  readonly changed: Signal;
  /** Undefined while either database is not followed: then nothing may be decided. */
  look(): SeenOvn | undefined;
  /** From here on, transactions of earlier leaders fail, in both databases. */
  claim(epoch: number): Promise<void>;
  /** The rows come from this store from now on. */
  rememberStore(store: string, epoch: number): Promise<void>;
  /** All steps in one transaction, refused when a later leader has claimed the database. */
  commit(steps: readonly NetworkStep[], epoch: number): Promise<void>;
  /** Names of all chassis; undefined while the databases are not followed, or were not claimed last under this epoch. */
  chassis(epoch: number): ReadonlySet<string> | undefined;
  /** Refused, too, when a later leader has claimed the database. */
  removeChassis(name: string, epoch: number): Promise<void>;
  close(): Promise<void>;
}

export interface RecordWrite<T> {
  readonly key: string;
  /** null removes it. */
  readonly value: T | null;
  /** The revision that it was decided from; 0: it is not there. */
  readonly ifRevision: number;
}

/** weft_slots and weft_stitched: each write stands by itself. Both return the keys that were refused: their record changed meanwhile. */
export interface RecordStore {
  writeSlots(writes: readonly RecordWrite<SlotsRecord>[]): Promise<ReadonlySet<string>>;
  writeStitched(writes: readonly RecordWrite<StitchedRecord>[]): Promise<ReadonlySet<string>>;
}
