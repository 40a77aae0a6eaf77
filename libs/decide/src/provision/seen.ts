/**
 * What an agent looks at: the placements of its node, the slots that its shards own, what it reported, what is there.
 * Times are milliseconds since the epoch. Hashes are the agent's: equal texts mean that nothing has to be done.
 */
import type { InstancePlacement, RealizedRecord, SlotsRecord } from "@weft/schemas";

export interface SeenPlacement {
  /** Key in weft_placements, and the one that its realized record has. */
  readonly key: string;
  readonly revision: number;
  readonly placement: InstancePlacement;
  readonly wanted: {
    /** What the instance is started from: image, command, limits. */
    readonly spec: string;
    /** Interfaces, routes and bandwidth, those of the probe's two hosts included. */
    readonly wiring: string;
    /** The function's configuration as its tool will read it. Workloads have none. */
    readonly config?: string;
  };
}

export interface SeenHolder {
  readonly id: string;
  readonly running: boolean;
  readonly namespaceInode?: number;
}

export interface SeenInstance {
  readonly id: string;
  readonly running: boolean;
  readonly spec: string;
  readonly startedAt?: string;
  /** How long it ran and when it ended; undefined while it runs and when nobody saw it end. */
  readonly ended?: { readonly atMs: number; readonly ranMs: number; readonly exitCode?: number };
}

export interface LiveConfig {
  readonly hash: string;
  readonly generation: number;
  readonly loadedAt: string;
  /** What of it is no longer in force, though nobody loaded another; undefined: all is. */
  readonly drift?: string;
}

/** Everything on the node that belongs to one placement. */
export interface SeenThing {
  readonly uid: string;
  readonly holder?: SeenHolder;
  readonly instance?: SeenInstance;
  /** Undefined while any part of it is missing. */
  readonly wiring?: string;
  /** What is no longer as the wiring made it, though links and ports are there; undefined: all is. */
  readonly drift?: string;
  /** Some part of a wiring is there, whole or not. */
  readonly wires: boolean;
  readonly config?: LiveConfig;
  readonly probing: boolean;
}

/** What went wrong the last time, and when to try again. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryAtMs: number;
}

export interface ProvisionSeen {
  readonly placements: readonly SeenPlacement[];
  /** By slotsKey. */
  readonly slots: ReadonlyMap<string, SlotsRecord>;
  /** Records that this node wrote, by key. */
  readonly realized: ReadonlyMap<string, RealizedRecord>;
  /** By the placement's uid. */
  readonly things: ReadonlyMap<string, SeenThing>;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly node: string;
}
