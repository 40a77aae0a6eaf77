/**
 * Commands run inside a named network namespace, as sessions with streams.
 * A terminal is made by `script`, whose pseudo-terminal the command gets; everything else is nsenter.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readlinkSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { WeftError } from "@weft/schemas";
import type { ExecRequest, ExecSession, OutputStream, WriteOutput } from "../port.ts";
import { childrenOf } from "../proc.ts";
import { hostEnvironment, runOnHost } from "../run.ts";

const terminalLooks = 200;
const lookEveryMs = 10;

export function openExec(namespacePath: string, request: ExecRequest): Promise<ExecSession> {
  return openProcess(["nsenter", `--net=${namespacePath}`, "--"], request);
}

/** Starts a command of the host, with what enters the place that it is to run in before it. */
export function openProcess(enter: readonly string[], request: ExecRequest): Promise<ExecSession> {
  const command = request.tty ? onTerminal(request.argv) : request.argv;
  const [file = "", ...args] = [...enter, ...command];
  const child = spawn(file, args, {
    detached: true, // a group of its own, so that all of it can be ended together
    cwd: "/",
    stdio: [request.stdin ? "pipe" : "ignore", "pipe", "pipe"],
    env: { ...hostEnvironment(), ...(request.tty ? { TERM: "xterm-256color" } : {}) },
  });
  child.stdin?.on("error", () => undefined); // it closed its input: its exit code says the rest
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new WeftError("unavailable", cause.message, { cause })));
    child.once("spawn", () => resolve(sessionOf(child, request.tty)));
  });
}

function sessionOf(child: ChildProcess, tty: boolean): ExecSession {
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 143)));
  });
  return {
    stdin: child.stdin ?? undefined,
    async output(write) {
      await Promise.all([pump(child.stdout, "stdout", write), pump(child.stderr, "stderr", write)]);
      return await ended;
    },
    async resize(columns, rows) {
      if (tty) await resizeTerminal(child.pid ?? 0, columns, rows);
    },
    async kill() {
      try {
        process.kill(-(child.pid ?? 0), "SIGKILL");
      } catch {
        // It has ended already.
      }
      await ended;
    },
  };
}

async function pump(from: Readable | null, stream: OutputStream, write: WriteOutput): Promise<void> {
  if (from === null) return;
  for await (const data of from) await write(stream, Buffer.from(data));
}

/** `script` passes the exit code on, echoes as a terminal does, and keeps no record. */
function onTerminal(argv: readonly string[]): string[] {
  return [
    "script",
    "--quiet",
    "--flush",
    "--return",
    "--echo",
    "always",
    "--command",
    argv.map(quoted).join(" "),
    "/dev/null",
  ];
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

async function resizeTerminal(scriptPid: number, columns: number, rows: number): Promise<void> {
  const terminal = await terminalOf(scriptPid);
  if (terminal === undefined) return;
  await runOnHost({ argv: ["stty", "-F", terminal, "columns", String(columns), "rows", String(rows)] });
}

/** `script` makes the terminal a moment after it was started, and a size may be told at once: it must not be lost. */
async function terminalOf(scriptPid: number): Promise<string | undefined> {
  for (let looks = 0; looks < terminalLooks && existsSync(`/proc/${scriptPid}`); looks += 1) {
    const inputs = childrenOf(scriptPid).map((pid) => linkOf(`/proc/${pid}/fd/0`));
    const terminal = inputs.find((input) => input.startsWith("/dev/pts/"));
    if (terminal !== undefined) return terminal;
    await delay(lookEveryMs);
  }
  return undefined;
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
