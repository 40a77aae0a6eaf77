/** Reads /proc: a process id alone names nobody (it is used again); together with its start time it does. */
import { readFileSync, readdirSync, statSync } from "node:fs";

export interface Process {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTime: string;
}

export interface PlacedProcess extends Process {
  /** The process group's leader. */
  readonly group: number;
  /** Inode of its network namespace. */
  readonly namespaceInode: number;
}

/** Clock ticks after boot at which the process started, or undefined when it is gone or only its exit status is left. */
export function startTimeOf(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

export function isAlive({ pid, startTime }: Process): boolean {
  return startTime !== "" && startTimeOf(pid) === startTime;
}

/** All that run and that we may look into. */
export function placedProcesses(): PlacedProcess[] {
  return pids().flatMap((pid) => {
    const startTime = startTimeOf(pid);
    const group = Number(statFields(pid)?.[2]);
    const namespaceInode = namespaceInodeOf(pid);
    if (startTime === undefined || namespaceInode === undefined) return [];
    return [{ pid, startTime, group, namespaceInode }];
  });
}

export function namespaceInodeOf(pid: number | "self"): number | undefined {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino;
  } catch {
    return undefined; // gone, or not ours to look into
  }
}

export function childrenOf(pid: number): number[] {
  return pids().filter((each) => Number(statFields(each)?.[1]) === pid);
}

function pids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((each) => Number.isInteger(each));
}

/** Fields of /proc/PID/stat from the third (state) on. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
