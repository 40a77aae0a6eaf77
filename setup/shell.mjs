/**
 * Runs programs for the set-up and says what it does: one line on stderr for each thing that takes time.
 * Writes what the programs print to the set-up's log in the cache folder, and shows its end when one fails.
 * Knows nothing of what is run; a signal ends what runs, undoes what was registered, and then this process.
 */
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { cacheDirectory, searchPath } from "./programs.mjs";

const running = new Map();
const cleanUps = new Set();
let interrupted = false;
/** What a program's end resolves to once a signal has come: nothing follows but the cleaning up, then the exit. */
const forever = new Promise(() => {});

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
 * Runs a program to its end; resolves to { code, stdout, output }. It has a session of its own, so that a terminal's
 * Ctrl-C reaches this process alone, which spares what is marked `uninterrupted`.
 */
export function attempt(command, options = {}) {
  const { timeoutMs, env, cwd, uninterrupted = false } = options;
  if (interrupted) return forever;
  return new Promise((resolve) => {
    const [file, ...args] = command;
    const stdio = ["ignore", "pipe", "pipe"];
    const child = spawn(file, args, { cwd, env: programEnvironment(env), stdio, detached: true });
    running.set(child, { uninterrupted, ended: new Promise((done) => child.once("close", done)) });
    let stdout = "";
    let output = "";
    child.stdout.on("data", (chunk) => ((stdout += chunk), (output += chunk)));
    child.stderr.on("data", (chunk) => (output += chunk));
    const timer = timeoutMs && setTimeout(() => signalGroup(child, "SIGKILL"), timeoutMs);
    const finish = (code, text) => {
      clearTimeout(timer);
      running.delete(child);
      record(command, code, text);
      resolve(interrupted ? forever : { code, stdout, output: text });
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

/** Waits for all even when one fails, so that nothing is still at work when the failures are told, all of them. */
export async function settleAll(parts) {
  const failed = (await Promise.allSettled(parts)).filter((outcome) => outcome.status === "rejected");
  const causes = failed.map((outcome) => outcome.reason);
  const surprise = causes.find((cause) => !(cause instanceof SetupError));
  if (surprise) throw surprise;
  if (causes.length > 0) throw new SetupError(causes.map((cause) => cause.message).join("\n"));
}

/** Registers what must be undone if a signal ends the set-up; returns a function that does it now, once. */
export function cleanUpAtExit(undo) {
  cleanUps.add(undo);
  return () => (cleanUps.delete(undo) ? undo() : undefined);
}

/**
 * Runs a command of the set-up. SIGINT, SIGTERM and SIGHUP end what runs, undo what is registered, newest first, and
 * then this process; a SetupError is printed plainly and ends with 1.
 */
export async function runSetup(work) {
  const listeners = Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }).map(([signal, code]) => {
    const listener = () => void endOn(signal, code);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  try {
    return await work();
  } catch (cause) {
    if (interrupted) return await forever;
    if (!(cause instanceof SetupError)) throw cause;
    process.stderr.write(`weft: ${cause.message}\n`);
    process.exit(1);
  } finally {
    for (const remove of listeners) remove();
  }
}

async function endOn(signal, code) {
  if (interrupted) return;
  interrupted = true;
  say("interrupted: cleaning up");
  for (const [child, { uninterrupted }] of running) if (!uninterrupted) signalGroup(child, signal);
  const impatience = setTimeout(() => {
    for (const [child, { uninterrupted }] of running) if (!uninterrupted) signalGroup(child, "SIGKILL");
  }, 10_000);
  await Promise.all([...running.values()].map(({ ended }) => ended));
  clearTimeout(impatience);
  for (const undo of [...cleanUps].reverse()) await undo();
  process.exit(code);
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

function record(command, code, text) {
  try {
    mkdirSync(cacheDirectory(), { recursive: true });
    appendFileSync(setupLog(), `$ ${command.join(" ")}\n${text}exit ${code}\n`);
  } catch {
    // A log that cannot be written must not stop the set-up; failures print their own end anyway.
  }
}
