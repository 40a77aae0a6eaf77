/**
 * A shell of the host that stays, for scripts that are run over and over: to fork a process of Node's size costs 2 ms of processor time,
 * a shell's a tenth of it (measured). One script at a time. It ends with this process, and is started again after a script that ended it.
 * What a script writes goes to a file without a name and is read when the script is over: `nft` writes in some ten pieces, and by a pipe
 * each of them woke this process.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { hostEnvironment } from "./run.ts";

const runWithinMs = 30_000;
const longestMark = 100;

interface Running {
  readonly mark: string;
  done(): void;
  failed(why: string): void;
}

interface Shell {
  readonly child: ChildProcess;
  /** What a script writes, appended to. */
  readonly output: number;
}

export class HostShell implements Disposable {
  #shell: Shell | undefined;
  #running: Running | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** What it wrote to its standard output; its other output is thrown away. Throws WeftError("unavailable"). */
  run(script: string, withinMs = runWithinMs): Promise<string> {
    const answer = this.#queue.then(() => this.#run(script, withinMs));
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  /** With all that it started: they are a process group. */
  #end(): void {
    const shell = this.#shell;
    if (shell === undefined) return;
    this.#forget(shell);
    try {
      if (shell.child.pid !== undefined) process.kill(-shell.child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  #forget(shell: Shell): void {
    this.#shell = undefined;
    closeSync(shell.output);
  }

  #run(script: string, withinMs: number): Promise<string> {
    const shell = (this.#shell ??= this.#start());
    this.#count += 1;
    const mark = `@end of script ${this.#count}\n`;
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(late);
        this.#running = undefined;
      };
      const failed = (why: string) => {
        over();
        reject(new WeftError("unavailable", `A script of the host ${why}.`));
      };
      const late = setTimeout(() => {
        this.#end();
        failed(`was ended after ${withinMs} ms`);
      }, withinMs);
      const done = () => {
        over();
        resolve(taken(shell.output));
      };
      this.#running = { mark, done, failed };
      // Read as a whole before it runs, and without the input that the next script will come by.
      shell.child.stdin?.write(`{\n${script}\n} </dev/null 2>/dev/null 3>&-\necho '${mark.trimEnd()}' >&3\n`);
    });
  }

  #start(): Shell {
    const output = unnamedFile();
    const child = spawn("sh", ["-s"], {
      stdio: ["pipe", output, "ignore", "pipe"],
      env: hostEnvironment(),
      detached: true,
    });
    const shell: Shell = { child, output };
    const ended = (why: string) => {
      if (this.#shell !== shell) return;
      this.#forget(shell);
      this.#running?.failed(why);
    };
    let marks = "";
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      marks = (marks + chunk.toString("latin1")).slice(-longestMark);
      if (this.#shell === shell && this.#running !== undefined && marks.endsWith(this.#running.mark))
        this.#running.done();
    });
    child.stdin?.once("error", () => undefined);
    child.once("error", (cause) => ended(`cannot be run: ${cause.message}`));
    child.once("exit", () => ended("ended its shell"));
    return shell;
  }
}

/** To be appended to, by whoever has it open. */
function unnamedFile(): number {
  const name = path.join(tmpdir(), `weft-shell-${randomUUID()}`);
  const file = openSync(name, "ax+", 0o600);
  unlinkSync(name);
  return file;
}

/** All that is in it, which is thrown away. */
function taken(file: number): string {
  const bytes = Buffer.allocUnsafe(fstatSync(file).size);
  const read = readSync(file, bytes, 0, bytes.length, 0);
  ftruncateSync(file);
  return bytes.toString("utf8", 0, read);
}
