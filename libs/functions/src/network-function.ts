/**
 * The port of the catalogue: everything that Weft must know of one network function, in one object.
 * Read by admission (is this configuration sound?), by the agent (what to start, load and read) and by `get functions`.
 * It runs nothing itself: commands are data, carried out by the agent.
 */
import type { Fault, Runtime } from "@weft/schemas";
import type { z } from "zod";

/** What a configuration is rendered against. */
export interface RenderContext {
  /** Subnets of each network of the tenant, e.g. { inside: ["10.1.0.0/16", "fd00:1::/64"] }. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
  /** Addresses of the two probe hosts, pairwise of one family; left out when a configuration is only checked. */
  readonly probe?: { readonly inner: readonly string[]; readonly outer: readonly string[] };
}

export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
}

/** A configuration in the function's own words. */
export interface RenderedConfig {
  readonly text: string;
  /** Refuses with an exit code other than 0 and changes nothing. */
  readonly check: Command;
  /**
   * Puts the whole configuration in force, or nothing of it. Run by the agent in the shard's network namespace with the host's
   * tools; words without spaces or quotes, all that a user wrote is on stdin.
   */
  readonly load: Command;
  /** Turns what `check` or `load` said on stderr into faults, each with its path within the configuration. */
  explain(stderr: string): Fault[];
}

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

/** Files below /proc/sys, `*` standing for every name, and what is written into them. */
export type Sysctls = Readonly<Record<string, string>>;

/** What the shim in front of a shard must know, so that it never forgets a flow that the function still remembers. */
export interface FlowMemory {
  /** It changes addresses or ports of what passes: what it sends is another flow than what it got. */
  readonly rewrites: boolean;
  /** For how long it remembers a flow that is silent: TCP that talks and that was closed, UDP and ICMP, anything else. */
  readonly seconds: {
    readonly established: number;
    readonly closing: number;
    readonly datagrams: number;
    readonly others: number;
  };
}

/** Marks of the entries in the kernel's connection tracking that are its connections: they tell who opened which. */
export interface TrackedMarks {
  readonly client: number;
  readonly server: number;
}

export interface NetworkFunction {
  readonly name: string;
  readonly description: string;
  readonly runtimes: readonly Runtime[];
  /** Who does its work: the kernel's goes on in the shard's namespace when the process that stands for the shard ends. */
  readonly worksIn: "kernel" | "process";
  readonly config: z.ZodType;
  /** Image of the docker runtime, when the group names none. */
  readonly defaultImage: string;
  /** What keeps a shard alive in the namespace runtime; an image has its own command. */
  readonly command: readonly string[];
  /** Linux capabilities that its container needs beyond none. */
  readonly capabilities: readonly string[];
  /** `before` is written ahead of the first configuration; `live` only after it was loaded, so nothing passes earlier. */
  readonly sysctls: { readonly before: Sysctls; readonly live: Sysctls };
  readonly flows: FlowMemory;
  /**
   * Undefined where it knows more of its connections than the kernel's connection tracking does, or changes addresses: then
   * nobody else could go on with them.
   */
  readonly tracked: TrackedMarks | undefined;
  /** All faults that need no tool: the schema's, and names that the context lacks. Empty: `render` will not throw. */
  faults(config: unknown, context: RenderContext): Fault[];
  /** Throws WeftError("config-refused") with the faults above. */
  render(config: unknown, context: RenderContext): RenderedConfig;
  /**
   * Prints the configuration in force, the same lines for as long as nobody changes it, and nothing once it is gone. Run by
   * the agent in the shard's network namespace with the host's tools; words without spaces or quotes.
   */
  readonly inForce: Command;
  readonly counters: { readonly command: Command; read(stdout: string): Readonly<Record<string, Count>> };
}
