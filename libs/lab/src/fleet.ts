/**
 * The long-running processes of a lab: started, logged, restarted with growing pauses when they die, stopped together.
 * Every one carries WEFT_LAB in its environment, by which leftovers.ts finds it if the supervisor is killed.
 * What they are and in which order they start is said by the files named after them.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { boundLog } from "@weft/drivers";
import { WeftError } from "@weft/schemas";
import { searchPath } from "../../../setup/programs.mjs";
import { waitFor } from "./command.ts";

const boundLogsEveryMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A process that ran this long is taken as sound: its next death starts again at the shortest pause. */
const soundAfterMs = 10_000;
/** So many deaths before it was ever ready, and the lab's start has failed. */
const deathsBeforeReady = 3;

export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Name of the network namespace it runs in; its mounts stay the machine's. */
  readonly namespace?: string;
  /** Done before every start: what must be there for it. */
  readonly beforeStart?: () => Promise<void>;
  /** True as soon as it does its work; asked again after every restart. */
  readonly ready?: () => Promise<boolean> | boolean;
  /** Done after every start once it is ready: what is lost when the process dies. */
  readonly afterStart?: () => Promise<void>;
  readonly readyWithinMs?: number;
}

interface Member {
  readonly spec: ProcessSpec;
  child: ChildProcess | undefined;
  startedAt: number;
  deaths: number;
  pauseMs: number;
  everReady: boolean;
}

export interface FleetOptions {
  readonly labId: string;
  readonly logs: string;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

export class Fleet {
  readonly #members: Member[] = [];
  readonly #options: FleetOptions;
  #bounding: NodeJS.Timeout | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    mkdirSync(options.logs, { recursive: true });
  }

  /** Starts a process and waits until it is ready; it is kept running until `stopAll`. */
  async start(spec: ProcessSpec): Promise<void> {
    this.#options.signal.throwIfAborted();
    const member: Member = {
      spec,
      child: undefined,
      startedAt: 0,
      deaths: 0,
      pauseMs: firstPauseMs,
      everReady: false,
    };
    this.#members.push(member);
    this.#boundLogs();
    await spec.beforeStart?.();
    this.#spawn(member);
    await this.#untilReady(member);
  }

  /** Ends those whose name is meant, SIGKILL after a grace; the signal must be aborted before, or they come back. */
  async stopAll(meant: (name: string) => boolean, graceMs = 3_000): Promise<void> {
    const living = this.#members.flatMap(({ spec, child }) =>
      child !== undefined && isRunning(child) && meant(spec.name) ? [child] : [],
    );
    await Promise.all(living.map((child) => end(child, graceMs)));
  }

  #spawn(member: Member): void {
    const { spec } = member;
    const { labId, logs } = this.#options;
    const [file, ...args] =
      spec.namespace === undefined
        ? spec.command
        : ["nsenter", `--net=/run/netns/${spec.namespace}`, "--", ...spec.command];
    const log = openSync(path.join(logs, `${spec.name}.log`), "a");
    const child = spawn(file ?? "", args, {
      // A session of its own: Ctrl-C on a terminal is the supervisor's to handle, not each server's.
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...inheritedEnvironment(), ...spec.env, WEFT_LAB: labId },
    });
    closeSync(log);
    member.child = child;
    member.startedAt = Date.now();
    child.once("error", (cause) => this.#died(member, cause.message));
    child.once("exit", (code, signal) => this.#died(member, `exit ${signal ?? code}`));
  }

  #died(member: Member, how: string): void {
    const { signal, note } = this.#options;
    if (signal.aborted) return;
    member.deaths += 1;
    note(`${member.spec.name} died (${how})`);
    if (!member.everReady && member.deaths >= deathsBeforeReady) return;
    if (Date.now() - member.startedAt > soundAfterMs) member.pauseMs = firstPauseMs;
    const pause = member.pauseMs;
    member.pauseMs = Math.min(pause * 2, longestPauseMs);
    this.#revive(member, pause).catch((cause: unknown) => {
      if (!signal.aborted) note(`${member.spec.name} did not come back: ${String(cause)}`);
    });
  }

  async #revive(member: Member, pauseMs: number): Promise<void> {
    await delay(pauseMs, undefined, { signal: this.#options.signal });
    await member.spec.beforeStart?.();
    this.#spawn(member);
    if (member.everReady) await this.#untilReady(member);
  }

  async #untilReady(member: Member): Promise<void> {
    const { spec } = member;
    const { signal } = this.#options;
    const ready = async () => {
      if (!member.everReady && member.deaths >= deathsBeforeReady) return "dead" as const;
      return member.child !== undefined && isRunning(member.child) && ((await spec.ready?.()) ?? true);
    };
    const explain = () => `Its log ends:\n${this.logEnd(spec.name)}`;
    const found = await waitFor(`${spec.name} ready`, ready, {
      signal,
      timeoutMs: spec.readyWithinMs ?? 30_000,
      explain,
    });
    if (found === "dead")
      throw new WeftError("unavailable", `${spec.name} does not start. ${explain()}`, {
        concerns: spec.name,
      });
    await spec.afterStart?.();
    member.everReady = true;
  }

  /** For as long as the lab runs: a process that fails over and over must not fill the disk. */
  #boundLogs(): void {
    if (this.#bounding !== undefined) return;
    const { logs, signal } = this.#options;
    this.#bounding = setInterval(() => {
      for (const { spec } of this.#members) boundLog(path.join(logs, `${spec.name}.log`));
    }, boundLogsEveryMs);
    signal.addEventListener("abort", () => clearInterval(this.#bounding), { once: true });
  }

  logEnd(name: string, lines = 8): string {
    const file = path.join(this.#options.logs, `${name}.log`);
    if (!existsSync(file)) return "  (nothing)";
    const all = readFileSync(file, "utf8").trim().split("\n");
    return all
      .slice(-lines)
      .map((line) => `  ${line}`)
      .join("\n");
  }
}

/** The user's environment without the WEFT_ settings that are not this process's: services refuse unknown ones. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !key.startsWith("WEFT_"));
  return { ...Object.fromEntries(kept), PATH: searchPath(), LC_ALL: "C.UTF-8" };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess, graceMs: number): Promise<void> {
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  if (!isRunning(child)) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
}
