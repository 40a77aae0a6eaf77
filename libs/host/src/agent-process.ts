/** The agent of a joined host as a process: in the background with a log, or in the foreground for a service manager. */
import { spawn } from "node:child_process";
import type { StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { boundLog, hostEnvironment, isAlive, startTimeOf } from "@weft/drivers";
import type { Process } from "@weft/drivers";
import { z } from "zod";
import { compileCache } from "../../../setup/compile-cache.mjs";
import { until } from "./command.ts";
import type { HostConfig } from "./host-config.ts";
import { agentMain, logFile, openVswitchSocket, processFile, stateFolder } from "./paths.ts";

const SavedProcess = z.object({ pid: z.number().int(), startTime: z.string() });
const stopWithinMs = 20_000;

/** The agent that runs in the background here. */
export function runningAgent(): Process | undefined {
  try {
    const saved = SavedProcess.parse(JSON.parse(readFileSync(processFile, "utf8")));
    return isAlive(saved) ? saved : undefined;
  } catch {
    return undefined;
  }
}

/** Returns at once; one that runs already is left as it is, which is told by false. */
export function startInBackground(config: HostConfig): boolean {
  if (runningAgent() !== undefined) return false;
  mkdirSync(path.dirname(logFile), { recursive: true });
  mkdirSync(path.dirname(processFile), { recursive: true });
  boundLog(logFile);
  const log = openSync(logFile, "a", 0o640);
  const child = spawnAgent(config, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const { pid = 0 } = child;
  child.unref();
  writeFileSync(processFile, JSON.stringify({ pid, startTime: startTimeOf(pid) ?? "" }));
  return true;
}

/** Resolves to its exit code. Signals that this process gets go on to it. */
export async function runInForeground(config: HostConfig): Promise<number> {
  const child = spawnAgent(config, { detached: false, stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  await once(child, "exit");
  return child.exitCode ?? 1;
}

export async function stopAgent(): Promise<boolean> {
  const agent = runningAgent();
  if (agent === undefined) return false;
  process.kill(agent.pid, "SIGTERM");
  await until("the agent has stopped", async () => (isAlive(agent) ? undefined : true), {
    withinMs: stopWithinMs,
    explain: logEnd,
  });
  rmSync(processFile, { force: true });
  return true;
}

export function logEnd(): string {
  try {
    return `Its log ends:\n${readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-5).join("\n")}`;
  } catch {
    return "";
  }
}

function spawnAgent(config: HostConfig, how: { readonly detached: boolean; readonly stdio: StdioOptions }) {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  return spawn(process.execPath, [agentMain], {
    ...how,
    cwd: "/",
    env: { ...hostEnvironment(), ...compileCache, ...agentSettings(config) },
  });
}

/** The credential is none of the agent's business. */
function agentSettings({ joined, address, datapath, runtimes }: HostConfig): Record<string, string> {
  const { node, uid, settings } = joined;
  return {
    WEFT_NATS_URL: settings.nats,
    WEFT_CONSUL_URL: settings.consul,
    WEFT_NODE: node,
    WEFT_NODE_ADDRESS: address,
    WEFT_MEMBERSHIP: uid,
    WEFT_OVSDB: `unix:${openVswitchSocket}`,
    WEFT_STATE_DIR: stateFolder,
    WEFT_DATAPATH: datapath,
    WEFT_RUNTIMES: runtimes.join(","),
  };
}
