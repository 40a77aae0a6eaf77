/** What callers of the client give and get, beside the words of schemas. */
import type { Kind, TraceProtocol } from "@weft/schemas";

/** A change of a watched list. SYNCED comes once, when all that is there now has been told. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly item: T }
  | { readonly type: "SYNCED" };

/** What runs and can be looked into. */
export interface Thing {
  readonly kind: "workload" | "shard";
  readonly tenant: string;
  readonly name: string;
}

export interface Changing {
  readonly dryRun?: boolean;
}

/** A document by its name. */
export interface Named {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
}

/** An end is `workload/NAME` or an address; ports are those of its two ends. */
export interface TracedFlow {
  readonly from: string;
  readonly to: string;
  readonly proto?: TraceProtocol;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
}

export interface LogOptions {
  readonly follow?: boolean;
  readonly tail?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EventOptions {
  readonly tenant?: string | undefined;
  readonly name?: string | undefined;
  /** As in subjects of events, e.g. functiongroup. */
  readonly kind?: string | undefined;
  readonly limit?: number | undefined;
}
