/**
 * Runs programs for the set-up and says what it does: one line on stderr for each thing that takes time.
 * Writes what the programs print to the set-up's log in the cache folder, and shows its end when one fails.
 * Knows nothing of what is run.
 */
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { cacheDirectory, searchPath } from "./programs.mjs";

const running = new Set();

/** A failure that the reader can act upon: printed without a stack. */
export class SetupError extends Error {
  name = "SetupError";
}

export function say(line) {
  process.stderr.write(`weft: ${line}\n`);
}

export function setupLog() {
  return path.join(cacheDirectory(), "setup.log");
}

/** The environment of every program that the set-up runs. */
export function programEnvironment(extra = {}) {
  return {
    ...process.env,
    PATH: searchPath(),
    DEBIAN_FRONTEND: "noninteractive",
    LC_ALL: "C.UTF-8",
    ...extra,
  };
}

/**
 * Runs a program to its end; resolves to { code, stdout, output }. A session of its own keeps a terminal's Ctrl-C
 * from reaching a half-done dpkg: whoever handles the signal waits with `settleRunning`.
 */
export function attempt(command, options = {}) {
  const { timeoutMs, env, cwd } = options;
  return new Promise((resolve) => {
    const [file, ...args] = command;
    const child = spawn(file, args, {
      cwd,
      env: programEnvironment(env),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const ended = new Promise((done) => child.once("close", done));
    running.add(ended);
    let stdout = "";
    let output = "";
    child.stdout.on("data", (chunk) => ((stdout += chunk), (output += chunk)));
    child.stderr.on("data", (chunk) => (output += chunk));
    const timer = timeoutMs && setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const finish = (code, text) => {
      clearTimeout(timer);
      running.delete(ended);
      record(command, code, text);
      resolve({ code, stdout, output: text });
    };
    child.once("error", (cause) => finish(127, `${cause.message}\n`));
    child.once("close", (code) => finish(code ?? 1, output));
  });
}

/** As `attempt`, but a failure is a SetupError with the end of what the program printed. Resolves to its stdout. */
export async function run(what, command, options = {}) {
  const { code, stdout, output } = await attempt(command, options);
  if (code === 0) return stdout;
  const end = output.trim().split("\n").slice(-12).join("\n  ");
  throw new SetupError(
    `${what} failed (exit ${code}): ${command.join(" ")}\n  ${end}\n  all of it: ${setupLog()}`,
  );
}

/** Resolves when no program started here runs any more. */
export async function settleRunning() {
  await Promise.all(running);
}

function record(command, code, text) {
  try {
    mkdirSync(cacheDirectory(), { recursive: true });
    appendFileSync(setupLog(), `$ ${command.join(" ")}\n${text}exit ${code}\n`);
  } catch {
    // A log that cannot be written must not stop the set-up; failures print their own end anyway.
  }
}
