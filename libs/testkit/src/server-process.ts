/**
 * One real server for a test: a folder of its own, a process, and the end of both.
 * Writes a temporary folder; ends only the process that it started, also when the test process exits early or is killed.
 * Which server, and when it is ready, is left to the start-….ts files.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { endingWithParent, testFolder } from "./leftovers.ts";

const readyWithinMs = 20_000;
const stopWithinMs = 10_000;
const keptOutput = 8_000;

export interface ServerOptions {
  readonly name: string;
  /** Called at each start, so that a restart can use what the first one found out. */
  command(folder: string): readonly string[];
  ready(server: ServerProcess): Promise<boolean>;
}

export class ServerProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #output = "";
  readonly #atExit = () => {
    this.#child?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  };

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.folder = testFolder(options.name);
    process.once("exit", this.#atExit);
  }

  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    try {
      await server.up();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The end of what it wrote to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** Starts it on the folder as it is. */
  async up(): Promise<void> {
    const [file = "", ...args] = endingWithParent(this.#options.command(this.folder));
    const child = spawn(file, args, { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#output = "";
    const take = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-keptOutput);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    let ended: string | undefined;
    child.once("error", (error) => (ended = error.message));
    child.once("exit", (code, signal) => (ended = `exit ${code ?? signal}`));
    const running = await eventually(
      `${this.#options.name} is ready`,
      async () => ended !== undefined || (await this.#options.ready(this)),
      { withinMs: readyWithinMs },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#output}`, { cause: error });
    });
    if (running && ended !== undefined)
      throw new Error(`${this.#options.name} ended (${ended}):\n${this.#output}`);
  }

  /** SIGKILL, as a crash would end it; or SIGTERM, waited for. */
  async down(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
    await ended;
    clearTimeout(late);
  }

  /** SIGSTOP makes a peer that is there and says nothing; SIGCONT ends that. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGCONT");
    await this.down();
    process.off("exit", this.#atExit);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
