/** What the intent service needs of the world. Interfaces only; main.ts builds the real ones. */
import type { KnownFunction, KnownIntents } from "@weft/decide";
import type { Fault, IntentRecord } from "@weft/schemas";

export interface IntentStore {
  /** Every intent as of now: nothing that was committed before the call is missing. `revision` is the bucket's. */
  read(): Promise<{ readonly intents: KnownIntents; readonly revision: number }>;
  /**
   * Writes all or none, and only while the whole bucket is still at `revision`. Returns the bucket's new revision.
   * Throws WeftError("conflict") when anybody wrote meanwhile: read again and decide again.
   */
  commit(writes: readonly StoredIntent[], revision: number): Promise<number>;
}

/** `record` is undefined for a deletion. */
export interface StoredIntent {
  readonly key: string;
  /** The request that asks for it. */
  readonly cause: string;
  readonly record: IntentRecord | undefined;
}

/** The catalogue as admission sees it. */
export interface Functions {
  readonly known: readonly KnownFunction[];
  /** Faults with paths relative to the configuration; empty when it is sound. Runs the function's own tool. */
  checkConfig(name: string, config: unknown, networks: Networks): Promise<readonly Fault[]>;
  /** The same without the tool: names that are missing, and the schema. */
  quickCheck(name: string, config: unknown, networks: Networks): readonly Fault[];
}
export type Networks = Readonly<Record<string, readonly string[]>>;

export interface IntentPorts {
  readonly store: IntentStore;
  readonly functions: Functions;
  /** RFC 3339. */
  readonly now: () => string;
  readonly newId: () => string;
}
