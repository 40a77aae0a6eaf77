/** What the scheduler's executors need of the world. Interfaces only; service.ts builds the real one on the bus. */
import type { PlacementRecord } from "@weft/schemas";

export interface PlacementWrite {
  readonly key: string;
  /** null removes it. */
  readonly value: PlacementRecord | null;
  /** The revision that it was decided from; 0: it is not there. */
  readonly ifRevision: number;
}

/** weft_placements. All writes or none, in their order; at most as many as one batch takes. */
export interface PlacementStore {
  write(writes: readonly PlacementWrite[]): Promise<void>;
}
