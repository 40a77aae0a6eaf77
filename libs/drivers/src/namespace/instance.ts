/**
 * Instances of the namespace runtime: one process each, started by nsenter, which becomes the command itself.
 * It outlives the agent: output goes to a file, and the state file keeps its id and start time.
 * Who ended and when is seen by the agent that started it; after a restart only that it ended.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { WeftError } from "@weft/schemas";
import type { Instance, InstanceSpec } from "../port.ts";
import { isAlive, startTimeOf } from "../proc.ts";
import { hostEnvironment } from "../run.ts";
import { namespacePath } from "./holder.ts";
import { prepareLimits } from "./limits.ts";
import { namespaceName } from "./state-file.ts";
import type { NamespaceState, StateFiles } from "./state-file.ts";

type Process = NonNullable<NamespaceState["process"]>;

export function instanceOf({ process: known }: NamespaceState): Instance | undefined {
  if (known === undefined) return undefined;
  const { pid, startedAt, spec, finishedAt, exitCode } = known;
  const running = isAlive(known);
  return {
    id: String(pid),
    running,
    ...(running ? { pid } : {}),
    startedAt,
    spec,
    ...(running || finishedAt === undefined ? {} : { finishedAt }),
    ...(running || exitCode === undefined ? {} : { exitCode }),
  };
}

/** Starts the command; `ended` is called once when it ends while this agent lives. */
export async function startProcess(spec: InstanceSpec, files: StateFiles, ended: () => void): Promise<void> {
  const { command, identity } = spec;
  if (command === undefined || command.length === 0) return;
  const name = namespaceName(identity);
  const cgroups = prepareLimits(name, { ...spec.limits, accounted: identity.kind === "shard" });
  const enter = ["nsenter", `--net=${namespacePath(name)}`, "--", ...command];
  // The process joins its cgroups before it is the command, so nothing that it starts can escape them.
  const join = cgroups.map((_, index) => `echo $$ > "$${index + 1}"`).join(" && ");
  const argv =
    cgroups.length === 0
      ? enter
      : ["sh", "-c", `${join} && shift ${cgroups.length} && exec "$@"`, "sh", ...cgroups, ...enter];
  const log = openSync(files.logFile(identity.placement), "a");
  const [file = "", ...args] = argv;
  const child = spawn(file, args, {
    detached: true,
    cwd: "/",
    stdio: ["ignore", log, log],
    env: hostEnvironment(),
  });
  closeSync(log);
  const pid = await spawned(child);
  const startTime = startTimeOf(pid) ?? "";
  const started: Process = { pid, startTime, startedAt: new Date().toISOString(), spec: spec.spec };
  files.put({ identity, process: started });
  const noteEnd = (code: number | null) => {
    noteExit(files, identity.placement, started, code);
    ended();
  };
  if (child.exitCode === null && child.signalCode === null) child.once("exit", noteEnd);
  else noteEnd(child.exitCode);
  child.unref();
}

function noteExit(files: StateFiles, placement: string, started: Process, code: number | null): void {
  const state = files.get(placement);
  if (state?.process?.startTime !== started.startTime || state.process.pid !== started.pid) return;
  const exit = { finishedAt: new Date().toISOString(), ...(code === null ? {} : { exitCode: code }) };
  files.put({ ...state, process: { ...state.process, ...exit } });
}

function spawned(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid ?? 0));
    child.once("error", (cause) => reject(new WeftError("unavailable", cause.message, { cause })));
  });
}
