/**
 * Numbered datagrams at 1 kHz from one network namespace to an echo in another: how long none got there and back.
 * Starts the two programs and ends them. What is broken meanwhile is its caller's.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

const Report = z.object({
  sent: z.number(),
  lost: z.number(),
  doubled: z.number(),
  longestMs: z.number().describe("between two that were answered, with none answered between them"),
  gaps: z.array(z.number()).describe("those above 20 ms, in milliseconds"),
  isAnswered: z.boolean().describe("any of them, also one of the last second"),
  silentMs: z.number().describe("since the last one that was answered by now was sent"),
});
export type ProbeReport = z.infer<typeof Report>;

export interface ProbeEnds {
  /** Paths of network namespaces. */
  readonly client: string;
  readonly server: string;
  readonly address: string;
  readonly port: number;
}

const passingMs = 60;
const lookEveryMs = 100;
/** A little more than the prober waits for an answer. */
const settleMs = 1_100;
type Program = ChildProcessByStdio<Writable, Readable, null>;
const programs = path.join(import.meta.dirname, "programs");

export class NumberedProbes implements AsyncDisposable {
  readonly #prober: Program;
  readonly #echo: Program;
  readonly #lines: AsyncIterator<string>;

  private constructor(prober: Program, echo: Program) {
    this.#prober = prober;
    this.#echo = echo;
    this.#lines = createInterface({ input: prober.stdout })[Symbol.asyncIterator]();
  }

  static async start({ client, server, address, port }: ProbeEnds): Promise<NumberedProbes> {
    const echo = run(server, "echo.ts", String(port));
    const ended = once(echo, "exit").then(() => Promise.reject(new Error(`the echo at port ${port} ended`)));
    await Promise.race([once(echo.stdout, "data"), ended]);
    ended.catch(() => undefined); // it is ended with the probes
    return new NumberedProbes(run(client, "prober.ts", address, String(port)), echo);
  }

  /** Goes on from another port: the slot's owner gets a new flow, wherever the old one is kept. */
  newFlow(): void {
    this.#prober.stdin.write("flow\n");
  }

  /** What was sent before is not told of any more. */
  window(): void {
    this.#prober.stdin.write("window\n");
  }

  /** Of the window so far, but for the last second: an answer may still come. */
  async report(): Promise<ProbeReport> {
    this.#prober.stdin.write("report\n");
    const { value } = await this.#lines.next();
    return Report.parse(JSON.parse(value ?? "null"));
  }

  /** Resolves when answers come again, and everything that was sent before is settled. */
  async settled(withinMs = 30_000): Promise<ProbeReport> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const { silentMs, isAnswered } = await this.report();
      if (isAnswered && silentMs < passingMs) break;
      if (performance.now() > deadline) throw new Error(`no answer for ${Math.round(silentMs)} ms`);
      await delay(lookEveryMs);
    }
    await delay(settleMs);
    return this.report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#prober, this.#echo].map(end));
  }
}

function run(namespace: string, program: string, ...args: string[]): Program {
  const command = [process.execPath, path.join(programs, program), ...args];
  return spawn("nsenter", [`--net=${namespace}`, ...command], { stdio: ["pipe", "pipe", "inherit"] });
}

async function end(program: Program): Promise<void> {
  const exited = program.exitCode === null ? once(program, "exit") : undefined;
  program.kill("SIGKILL");
  await exited;
}
