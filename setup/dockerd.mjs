/**
 * Docker's daemon: is one answering, and how one is started that leaves nothing behind when it ends.
 * Ours makes no bridge and no iptables rules (Weft wires containers itself) and keeps its images where Docker always does.
 * One that runs already is used as it is and never stopped.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "./programs.mjs";
import { SetupError, cleanUpAtExit, programEnvironment, say } from "./shell.mjs";

export const dockerSocket = "/var/run/docker.sock";
/** Made by the daemon and its containerd whatever they are told; emptied by them when they end, innermost first. */
export const dockerdFolders = ["/run/docker/plugins", "/run/docker", "/run/containerd/s", "/run/containerd"];
const imageFolder = "/var/lib/docker";
const unmountMark = "unmount-images";

/** True when a daemon answers at Docker's socket. */
export function dockerAnswers() {
  return new Promise((resolve) => {
    const socket = net.connect(dockerSocket);
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(3_000, () => finish(false));
    socket.once("error", () => finish(false));
    socket.once("connect", () => socket.write("GET /_ping HTTP/1.0\r\n\r\n"));
    socket.once("data", (data) => finish(/^HTTP\/1\.\d 200/.test(data.toString("latin1"))));
  });
}

/**
 * Makes ready for a daemon of ours, whose running state is all inside `stateDir`; returns its command line.
 * The daemon mounts its image folder onto itself and, killed, leaves that: a mark says that it was no mount before.
 */
export function prepareDockerd(stateDir) {
  mkdirSync(stateDir, { recursive: true });
  forgetStalePids(stateDir);
  if (!mountTargets().includes(imageFolder)) writeFileSync(path.join(stateDir, unmountMark), "");
  return [
    findProgram("dockerd") ?? "dockerd",
    `--host=unix://${dockerSocket}`,
    pidFileOption(stateDir),
    `--exec-root=${execRoot(stateDir)}`,
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-masq=false",
  ];
}

const pidFile = (stateDir) => path.join(stateDir, "dockerd.pid");
const pidFileOption = (stateDir) => `--pidfile=${pidFile(stateDir)}`;
const execRoot = (stateDir) => path.join(stateDir, "docker");

/**
 * A daemon that was killed leaves its number, and by then that may be another process's: of this machine after a while, and at once
 * of one with processes of its own. The daemon does not start while there is one, and waits in vain for a containerd whose number lives.
 */
function forgetStalePids(stateDir) {
  const containerd = path.join(execRoot(stateDir), "containerd");
  const files = [
    [pidFile(stateDir), pidFileOption(stateDir)],
    [path.join(containerd, "containerd.pid"), path.join(containerd, "containerd.toml")],
  ];
  for (const [file, argument] of files) if (!isRunning(file, argument)) rmSync(file, { force: true });
}

/** The process whose number is in the file is the one that was started with the argument. */
function isRunning(file, argument) {
  try {
    const pid = readFileSync(file, "utf8").trim();
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(argument);
  } catch {
    return false; // there is no such file, or no such process
  }
}

/** Mounts that a daemon of ours made, outermost first; those of its images only if it made them. */
export function dockerdMounts(stateDir) {
  const roots = [stateDir, ...(existsSync(path.join(stateDir, unmountMark)) ? [imageFolder] : [])];
  return mountTargets().filter((target) => roots.some((root) => `${target}/`.startsWith(`${root}/`)));
}

function mountTargets() {
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return lines.map((line) => line.split(" ")[1] ?? "");
}

/**
 * Uses the daemon that answers, or starts one. `stop` ends it only if it was started here, or by a run before this one
 * that was killed.
 */
export async function ensureDockerd(stateDir) {
  if (await dockerAnswers()) return { started: false, stop: () => stopOrphan(stateDir) };
  say("starting Docker's daemon");
  const [file, ...args] = prepareDockerd(stateDir);
  const logFile = path.join(stateDir, "dockerd.log");
  const log = openSync(logFile, "a");
  const child = spawn(file, args, { detached: true, stdio: ["ignore", log, log], env: programEnvironment() });
  let failure;
  const ended = new Promise((resolve) => {
    child.once("error", (cause) => resolve((failure = cause.message)));
    child.once("exit", (code) => resolve((failure = `it ended with ${code}`)));
  });
  const stop = cleanUpAtExit(async () => {
    child.ref(); // else Node, with nothing left to wait for, exits before the daemon has
    child.kill("SIGTERM");
    await ended;
    clearDockerdState(stateDir);
  });
  for (const deadline = Date.now() + 30_000; !(await dockerAnswers()); await delay(100)) {
    if (failure === undefined && Date.now() < deadline) continue;
    const end = existsSync(logFile)
      ? readFileSync(logFile, "utf8").trim().split("\n").slice(-8).join("\n  ")
      : "";
    const why = failure ?? "no answer after 30 s";
    await stop();
    throw new SetupError(`Docker's daemon did not start: ${why}\n  ${end}`);
  }
  child.unref();
  return { started: true, stop };
}

/** The state folder of a daemon of ours is removed with it: one that is there has lost its owner. */
async function stopOrphan(stateDir) {
  if (!existsSync(pidFile(stateDir))) return;
  const pid = Number(readFileSync(pidFile(stateDir), "utf8"));
  const isDaemon = () => isRunning(pidFile(stateDir), pidFileOption(stateDir));
  if (isDaemon()) process.kill(pid, "SIGTERM");
  for (const deadline = Date.now() + 30_000; isDaemon() && Date.now() < deadline;) await delay(50);
  clearDockerdState(stateDir);
}

/** Removes what an ended daemon of ours leaves: mounts in its state folder first, then files, then emptied folders. */
export function clearDockerdState(stateDir) {
  for (const target of dockerdMounts(stateDir).reverse()) spawnSync("umount", ["-l", target]);
  rmSync(stateDir, { recursive: true, force: true });
  for (const folder of [...dockerdFolders, path.dirname(stateDir)]) removeIfEmpty(folder);
}

function removeIfEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else's files are in it, or it is gone already.
  }
}
