/**
 * `startLab`: starts the supervisor in the background and follows it until the lab is ready.
 * Reads and writes nothing of the lab itself; a refusal of the supervisor becomes a WeftError here.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WeftError, errorOfRefusal } from "@weft/schemas";
import type { LabLayout } from "./layout.ts";
import { labFolder, labLayout, maxNodes } from "./layout.ts";
import { isAlive } from "./proc.ts";
import { requireRoot } from "./root.ts";
import type { LabState } from "./state.ts";
import { readState } from "./state.ts";
import { SupervisorMessage } from "./supervisor/messages.ts";

export interface StartLabOptions {
  /** 3 unless given. */
  readonly nodes?: number;
  /** False stops after the backing servers, Open vSwitch and OVN: no service of Weft runs. */
  readonly services?: boolean;
  /** The lab's folder; WEFT_LAB_DIR or /run/weft/lab unless given. */
  readonly folder?: string;
  /** Settings for the services beside those of this process's environment: see failure-settings.ts. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Aborted: whatever was started is removed again, then the promise rejects. */
  readonly signal?: AbortSignal;
  readonly onStep?: (text: string) => void;
}

/** Starts a lab; resolves to its state once it is ready. A lab of the same kind that runs already is taken as it is. */
export async function startLab(options: StartLabOptions = {}): Promise<LabState> {
  const { nodes = 3, services = true, folder = labFolder() } = options;
  requireRoot("weft up");
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > maxNodes)
    throw new WeftError("invalid-request", `A lab has 1 to ${maxNodes} nodes, not ${nodes}.`);
  options.signal?.throwIfAborted();
  const layout = labLayout(folder);
  const running = runningLab(layout, { nodes, services });
  if (running !== undefined) return running;
  await followSupervisor([folder, String(nodes), String(services)], layout, options);
  const state = readState(layout);
  if (state === undefined)
    throw new WeftError("internal", `The lab is ready, but ${layout.stateFile} is not readable.`);
  return state;
}

function runningLab(layout: LabLayout, wanted: { nodes: number; services: boolean }): LabState | undefined {
  const state = readState(layout);
  if (state === undefined || !isAlive(state.supervisor)) return undefined;
  if (state.phase === "ready" && state.nodes === wanted.nodes && state.services === wanted.services)
    return state;
  const nodes = `${state.nodes} node${state.nodes === 1 ? "" : "s"}`;
  throw new WeftError(
    "conflict",
    `A lab with ${nodes} is ${state.phase} already: stop it with \`weft down\`.`,
  );
}

async function followSupervisor(
  args: readonly string[],
  layout: LabLayout,
  options: StartLabOptions,
): Promise<void> {
  const crash = openUnlinked();
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "supervisor/main.ts"), ...args], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", "ignore", crash, "ipc"],
    env: { ...process.env, ...options.settings, WEFT_LAB: layout.id },
  });
  const stop = () => child.kill("SIGTERM");
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    await untilReady(child, options);
  } catch (cause) {
    const said = readFileSync(`/proc/self/fd/${crash}`, "utf8").trim();
    throw said === "" || options.signal?.aborted
      ? cause
      : new WeftError("internal", `${String(cause)}\n${said}`, { cause });
  } finally {
    options.signal?.removeEventListener("abort", stop);
    closeSync(crash);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Resolves at "ready". Any other end is waited for to the last, so that nothing is left when this rejects. */
function untilReady(child: ChildProcess, { signal, onStep }: StartLabOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: WeftError | undefined;
    child.on("message", (raw) => {
      const message = SupervisorMessage.parse(raw);
      if (message.kind === "step") onStep?.(message.text);
      else if (message.kind === "failed") failure = failureOf(message);
      else if (signal?.aborted !== true) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code, killed) => {
      if (signal?.aborted === true)
        reject(new WeftError("conflict", "The lab's start was interrupted; all was removed."));
      else reject(failure ?? unexplained(killed ?? code));
    });
  });
}

/** A supervisor that is ended before it can say anything was in the way of one that had the lock already. */
function unexplained(end: NodeJS.Signals | number | null): WeftError {
  return end === "SIGTERM"
    ? new WeftError("conflict", "Another start or stop of this lab came first.")
    : new WeftError("internal", `The lab's supervisor ended (${end}) while starting.`);
}

function failureOf({ code, message }: { code: string; message: string }): WeftError {
  return errorOfRefusal({ type: "", title: "", status: 500, code, detail: message, errors: [] });
}

/** A file without a name: catches what a crashing supervisor prints, and cannot be left behind. */
function openUnlinked(): number {
  const folder = mkdtempSync(path.join(tmpdir(), "weft-up-"));
  const file = openSync(path.join(folder, "stderr"), "w+");
  rmSync(folder, { recursive: true });
  return file;
}
