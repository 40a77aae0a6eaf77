/**
 * What a lab could leave on a machine, read without asking the lab: processes, namespaces, links, packet
 * filters, mounts, sockets, containers. Two readings that are equal mean that nothing was left in between.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";

export interface MachineTrace {
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly tables: readonly string[];
  readonly mounts: readonly string[];
  readonly sockets: readonly string[];
  readonly containers: readonly string[];
  readonly folders: readonly string[];
}

/** `folder` is the lab's: it stands in the command line or the environment of all that a lab starts. */
export function traceMachine(folder: string): MachineTrace {
  return {
    processes: processesOf(folder),
    namespaces: list("/run/netns"),
    links: lines(["ip", "-o", "link", "show"]).map((line) => line.split(": ")[1] ?? ""),
    tables: lines(["nft", "list", "tables"]),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n"),
    sockets: lines(["find", "/run", "-type", "s"]).sort(),
    containers: list("/var/lib/docker/containers"),
    folders: [...list("/run/weft"), ...list("/run/docker")],
  };
}

function processesOf(folder: string): string[] {
  const own = ["WEFT_LAB=", `${folder}/`];
  return list("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => own.some((mark) => textOf(pid).includes(mark)))
    .map((pid) => `${pid} ${textOf(pid).slice(0, 120)}`);
}

function textOf(pid: string): string {
  try {
    const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "latin1").replaceAll("\0", " ");
    return `${read("cmdline")} ${read("environ")}`;
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function lines([program = "", ...args]: readonly string[]): string[] {
  return execFileSync(program, args, { encoding: "utf8" }).split("\n");
}
