/**
 * Reads /proc: which processes there are, when they started, what is in their environment, which namespace they are in.
 * A pid alone names nobody (it is used again); pid and start time together do.
 */
import { readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

export interface ProcessEntry extends ProcessIdentity {
  readonly parent: number;
  readonly name: string;
}

/** The process with this pid, or undefined when there is none, or only its unread exit status. */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const nameEnd = stat.lastIndexOf(")");
    const fields = stat.slice(nameEnd + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const name = stat.slice(stat.indexOf("(") + 1, nameEnd);
    return { pid, parent: Number(fields[1]), startTime: fields[19] ?? "", name };
  } catch {
    return undefined;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return readProcess(identity.pid)?.startTime === identity.startTime;
}

export function listProcesses(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => readProcess(Number(entry)) ?? []);
}

/** The value of a variable in the environment that a process was started with. */
export function environmentOf(pid: number, variable: string): string | undefined {
  try {
    const all = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
    return all.find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1);
  } catch {
    return undefined;
  }
}

/** The inode of the network namespace that a process is in. */
export function networkNamespaceOf(pid: number): number | undefined {
  try {
    return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]);
  } catch {
    return undefined;
  }
}

/** The inode of a named network namespace, or undefined when the name is gone or nothing is mounted on it. */
export function inodeOfNamespace(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}
