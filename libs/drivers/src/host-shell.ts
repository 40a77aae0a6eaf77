/**
 * A shell of the host that stays, for scripts that are run over and over: to fork a process of Node's size costs 2 ms of processor time,
 * a shell's a tenth of it (measured). One script at a time. It ends with this process, and is started again after a script that ended it.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { WeftError } from "@weft/schemas";
import { hostEnvironment } from "./run.ts";

const runWithinMs = 30_000;

interface Running {
  readonly mark: string;
  text: string;
  done(text: string): void;
  failed(why: string): void;
}

export class HostShell implements Disposable {
  #shell: ChildProcess | undefined;
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
    const pid = this.#shell?.pid;
    this.#shell = undefined;
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
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
      const done = (text: string) => {
        over();
        resolve(text);
      };
      this.#running = { mark, text: "", done, failed };
      // Read as a whole before it runs, and without the input that the next script will come by.
      shell.stdin?.write(`{\n${script}\n} </dev/null 2>/dev/null\necho '${mark.trimEnd()}'\n`);
    });
  }

  #start(): ChildProcess {
    const shell = spawn("sh", ["-s"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: hostEnvironment(),
      detached: true,
    });
    const ended = (why: string) => {
      if (this.#shell !== shell) return;
      this.#shell = undefined;
      this.#running?.failed(why);
    };
    shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (this.#shell === shell) this.#hear(text);
    });
    shell.stdin.once("error", () => undefined);
    shell.once("error", (cause) => ended(`cannot be run: ${cause.message}`));
    shell.once("exit", () => ended("ended its shell"));
    return shell;
  }

  #hear(text: string): void {
    const running = this.#running;
    if (running === undefined) return;
    running.text += text;
    if (running.text.endsWith(running.mark)) running.done(running.text.slice(0, -running.mark.length));
  }
}
