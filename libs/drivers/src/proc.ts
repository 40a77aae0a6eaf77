/** Reads /proc: a process id alone names nobody (it is used again); together with its start time it does. */
import { readFileSync, readdirSync } from "node:fs";

/** Clock ticks after boot at which the process started, or undefined when it is gone or only its exit status is left. */
export function startTimeOf(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((each) => Number.isInteger(each) && Number(statFields(each)?.[1]) === pid);
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
