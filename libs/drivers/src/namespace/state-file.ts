/**
 * What the namespace runtime knows of each placement, one JSON file each, so that a restarted agent finds it again.
 * Written before the thing is made and removed after it is gone: a crash between leaves a file, never an unowned thing.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { boundLog } from "../bound-log.ts";
import type { DriverOptions, Identity } from "../port.ts";

const Process = z.strictObject({
  pid: z.number().int(),
  startTime: z.string(),
  startedAt: z.string(),
  spec: z.string(),
  finishedAt: z.string().optional(),
  exitCode: z.number().int().optional(),
});

export const NamespaceState = z.strictObject({
  identity: z.strictObject({
    tenant: z.string(),
    kind: z.enum(["shard", "workload"]),
    name: z.string(),
    placement: z.string(),
  }),
  process: Process.optional(),
});
export type NamespaceState = z.infer<typeof NamespaceState>;
export type NamespaceProcess = z.infer<typeof Process>;

export class StateFiles {
  readonly #folder: string;
  /** As they were when a file was written or all were read last. */
  #processes: readonly NamespaceProcess[] | undefined;

  constructor(options: DriverOptions) {
    this.#folder = path.join(options.stateDir, "namespaces");
    mkdirSync(this.#folder, { recursive: true });
  }

  all(): NamespaceState[] {
    const states = readdirSync(this.#folder)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => this.#read(path.join(this.#folder, name)) ?? []);
    this.#processes = states.flatMap(({ process: known }) => known ?? []);
    return states;
  }

  /** Of all placements; cheap, for whoever asks often. */
  processes(): readonly NamespaceProcess[] {
    if (this.#processes === undefined) this.all();
    return this.#processes ?? [];
  }

  get(placement: string): NamespaceState | undefined {
    return this.#read(this.#file(placement));
  }

  put(state: NamespaceState): void {
    this.#processes = undefined;
    const file = this.#file(state.identity.placement);
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  }

  remove(placement: string): void {
    this.#processes = undefined;
    rmSync(this.#file(placement), { force: true });
    rmSync(this.logFile(placement), { force: true });
  }

  /** What a process says has no end; what is kept of it has. */
  boundLogs(): void {
    for (const { identity } of this.all()) boundLog(this.logFile(identity.placement));
  }

  logFile(placement: string): string {
    return path.join(this.#folder, `${shortHash(placement)}.log`);
  }

  #file(placement: string): string {
    return path.join(this.#folder, `${shortHash(placement)}.json`);
  }

  #read(file: string): NamespaceState | undefined {
    try {
      return NamespaceState.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch {
      return undefined; // not there, or cut off by a crash before it was renamed into place
    }
  }
}

/** Name of a placement's network namespace; `weft-` marks it as ours for everyone who cleans up. */
export function namespaceName(identity: Pick<Identity, "placement">): string {
  return `weft-${shortHash(identity.placement)}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
