/** A fault that is let loose for a while and taken back. `heal` may come after whatever it hit has died of it. */
import type { Chance } from "../chance.ts";

export interface Injection {
  readonly kind: "kill" | "pause" | "partition" | "disk full" | "clock";
  readonly target: string;
  /** Milliseconds until it is healed; 0: there is nothing to heal. */
  readonly forMs: number;
  begin(): Promise<void>;
  /** Resolves to what had to be done beyond taking the fault back, in words; nothing for most. */
  heal(): Promise<string | undefined>;
}

/** Where faults are let loose. */
export interface Field {
  readonly chance: Chance;
  readonly folder: string;
  readonly nodes: readonly string[];
  /** Docker's daemon is the lab's own, and comes back when it is killed. */
  readonly ownDocker: boolean;
}
