/**
 * The port of the drivers: how an agent runs things on its host, whatever runs them.
 * Every placement has a holder, which owns the network namespace, and an instance, which is inside it and may come and
 * go. A driver knows only what carries its marks; wiring, addresses and rules are the agent's.
 */
import type { Runtime } from "@weft/schemas";
import type { Role } from "./labels.ts";
import type { Writable } from "node:stream";

/** Whose a thing is: written on everything that a driver makes, and the only things that it ever touches carry it. */
export interface Identity {
  readonly tenant: string;
  readonly kind: "shard" | "workload";
  readonly name: string;
  /** The placement's uid: new for every placing, so an old instance is never taken for a new one of the same name. */
  readonly placement: string;
}

export interface Holder {
  readonly id: string;
  readonly running: boolean;
  /** A path that nsenter takes; undefined when it does not run. */
  readonly namespacePath?: string;
  /** What `ip link … netns` takes: a process id or a name. */
  readonly namespaceRef?: string;
  readonly namespaceInode?: number;
}

/** What ensureHolders leaves. */
export interface Ensured {
  readonly holder: Holder;
  /** Its namespace was made just now, by this call: nothing is in it yet. */
  readonly isNew: boolean;
}

export interface Instance {
  readonly id: string;
  readonly running: boolean;
  /** Of its first process, while it runs. */
  readonly pid?: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Undefined while it runs, and when nobody was there to see it end. */
  readonly exitCode?: number;
  /** The text that its spec was given as: another text means that it must be made anew. */
  readonly spec: string;
}

export interface Owned {
  readonly identity: Identity;
  readonly holder?: Holder;
  readonly instance?: Instance;
}

/** What an instance's processes use; null where the host does not account for it, or nothing runs. */
export interface Usage {
  /** Since its accounting began: at the latest when it was started. */
  readonly cpuSeconds: number | null;
  /** Bytes, without file pages that the kernel may take back. */
  readonly memory: number | null;
}

/** That a holder or an instance ended, as its runtime tells it. */
export interface Ended {
  readonly placement: string;
  readonly role: Role;
  readonly id: string;
}

export interface InstanceSpec {
  readonly identity: Identity;
  readonly spec: string;
  readonly image?: string;
  /** Left out: the image's own command; in a namespace: no process at all. */
  readonly command?: readonly string[];
  readonly capabilities: readonly string[];
  readonly limits: { readonly cpu?: number; readonly memory?: number };
}

export type OutputStream = "stdout" | "stderr";
/** Takes output as it comes; the next piece is read when the promise resolves, so a slow reader slows the writer. */
export type WriteOutput = (stream: OutputStream, data: Buffer) => Promise<void>;

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
}

export interface ExecSession {
  readonly stdin: Writable | undefined;
  /** Passes all output on and resolves to the exit code. Call it once. */
  output(write: WriteOutput): Promise<number>;
  resize(columns: number, rows: number): Promise<void>;
  /** Ends the command and what it started. */
  kill(): Promise<void>;
}

export interface LogsRequest {
  readonly follow: boolean;
  readonly tail?: number;
  readonly signal: AbortSignal;
}

/** What became of each placement asked for: one that fails leaves the others alone. */
export type Outcomes<T> = ReadonlyMap<string, T | Error>;

export interface Driver {
  readonly runtime: Runtime;
  list(): Promise<Owned[]>;
  /** Read from the kernel at once, without a process or a request: cheap enough for every second. */
  usage(owned: Owned): Usage;
  /** Makes the holders that are not there yet, all together; running ones stay as they are. */
  ensureHolders(identities: readonly Identity[]): Promise<Outcomes<Ensured>>;
  /** Makes what can be made of instances before their holders run, so that starting them takes less. What fails, fails when it is started. */
  prepareInstances(specs: readonly InstanceSpec[]): Promise<void>;
  /** Starts the instance inside its holder's namespace; one that runs stays as it is. */
  startInstance(spec: InstanceSpec): Promise<void>;
  removeInstance(placement: string): Promise<void>;
  /** Removes instance, holder and their marks. Nothing there: nothing to do. */
  remove(placements: readonly string[]): Promise<Outcomes<true>>;
  exec(placement: string, request: ExecRequest): Promise<ExecSession>;
  logs(placement: string, request: LogsRequest, write: WriteOutput): Promise<void>;
  /** Calls back whenever an instance of ours may have started, or anything of ours ended; with what ended, where that is known before it is asked for. */
  watch(changed: (ended?: Ended) => void): Disposable;
  close(): Promise<void>;
}

export interface DriverOptions {
  readonly node: string;
  /** The lab that this node belongs to, for those who clean up after one. */
  readonly lab?: string;
  readonly stateDir: string;
}
