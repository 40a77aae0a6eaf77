/** Processes of the machine, by what they were started with and where they run. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { done } from "./command-line.ts";

/** Processes with this text in their command line, in this network namespace. */
export function processesOf(text: string, namespace?: string): number[] {
  const inode = namespace === undefined ? undefined : statSync(`/run/netns/${namespace}`).ino;
  return readdirSync("/proc")
    .map(Number)
    .filter(Number.isInteger)
    .filter((pid) => commandOf(pid).includes(text) && !commandOf(pid).startsWith("nsenter "))
    .filter((pid) => inode === undefined || netnsOf(pid) === inode);
}

export async function pidOfContainer(id: string): Promise<number> {
  return Number(await done("docker", "inspect", "--format", "{{.State.Pid}}", id));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function netnsOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino;
  } catch {
    return undefined;
  }
}
