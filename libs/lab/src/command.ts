/**
 * Runs a program to its end and waits for conditions; both stop at once when the lab is stopped.
 * Every failure says what was being done. What keeps running is fleet.ts's.
 */
import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { WeftError } from "@weft/schemas";
import { searchPath } from "../../../setup/programs.mjs";

export interface CommandOptions {
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program; resolves to what it printed. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      {
        env: { ...process.env, PATH: searchPath(), LC_ALL: "C.UTF-8", ...options.env },
        timeout: options.timeoutMs ?? 30_000,
        maxBuffer: 16 * 1024 * 1024,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (cause, stdout, stderr) => {
        if (cause === null) return resolve(stdout);
        const said = stderr.trim().split("\n").slice(-5).join("; ") || cause.message;
        reject(new WeftError("unavailable", `${command.slice(0, 6).join(" ")}: ${said}`, { cause }));
      },
    );
    // A program that ends without reading its input is reported by its exit code, not by this pipe.
    child.stdin?.once("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}

/** One `ip` process for many objects, in the root namespace or in a named one. */
export function ipBatch(
  lines: readonly string[],
  options: CommandOptions & { namespace?: string } = {},
): Promise<string> {
  const where = options.namespace === undefined ? [] : ["-n", options.namespace];
  return runCommand(["ip", ...where, "-batch", "-"], { ...options, input: `${lines.join("\n")}\n` });
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Asked when the time has run out: what the reader should know. */
  readonly explain?: () => string;
}

/** Waits until `check` gives something other than undefined or false; a throwing check counts as "not yet". */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let last: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
    } catch (cause) {
      last = cause;
    }
    if (Date.now() > deadline) break;
    await delay(
      options.intervalMs ?? 25,
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }
  const why = options.explain?.() ?? (last instanceof Error ? last.message : "");
  throw new WeftError("timeout", `${what}: not within ${options.timeoutMs / 1000} s. ${why}`.trim(), {
    cause: last,
  });
}
