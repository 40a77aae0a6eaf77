/**
 * Everything that a lab has made on this machine, found by its marks and not by memory: so it is found after kill -9 too.
 * Reads /proc, /run/netns, links, nftables, mounts, Docker; removes only what has the lab's id, a `weft-` name or its folder.
 * Graceful stopping is the supervisor's; this is what comes after it, or instead of it.
 */
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { dockerAnswers, dockerSocket, dockerdFolders, dockerdMounts } from "../../../setup/dockerd.mjs";
import { runCommand, waitFor } from "./command.ts";
import { removeContainers, storedContainers } from "./containers.ts";
import type { LabLayout } from "./layout.ts";
import { isCgroupOfLab, isLinkOfLab, isNamespaceOfLab } from "./layout.ts";
import { packetFilters, removePacketFilter } from "./packet-filter.ts";
import { inodeOfNamespace, isAlive, signalProcess } from "./proc.ts";
import { labProcesses } from "./processes.ts";
import { restoreReceiveQueues, widenedReceiveQueues } from "./receive-queues.ts";

export interface Leftover {
  readonly kind:
    | "process"
    | "container"
    | "namespace"
    | "link"
    | "packet filter"
    | "mount"
    | "cgroup"
    | "socket"
    | "setting"
    | "folder";
  readonly name: string;
}

/** What of the lab is on the machine now. */
export async function findLeftovers(lab: LabLayout): Promise<Leftover[]> {
  const named = (kind: Leftover["kind"]) => (name: string) => ({ kind, name });
  return [
    ...labProcesses(lab).map((entry) => ({ kind: "process" as const, name: `${entry.pid} ${entry.name}` })),
    ...storedContainers(lab).map(named("container")),
    ...namespaces().map(named("namespace")),
    ...(await links()).map(named("link")),
    ...(await packetFilters()).map(named("packet filter")),
    ...mounts(lab).map(named("mount")),
    ...cgroups().map(named("cgroup")),
    ...(await deadDockerSocket(lab)).map(named("socket")),
    ...(widenedReceiveQueues(lab) === undefined ? [] : [named("setting")("net.core.rmem_default")]),
    ...(existsSync(lab.folder) ? [named("folder")(lab.folder)] : []),
  ];
}

/** Removes all of it, in the order in which one thing holds another; throws if something is still there afterwards. */
export async function removeLeftovers(lab: LabLayout): Promise<Leftover[]> {
  const found = await findLeftovers(lab);
  if (found.length === 0) return [];
  // An agent that still lives would make anew what is being removed; Docker's daemon is needed to remove containers.
  await endProcesses(lab, (name) => !/^(?:dockerd|containerd|runc)/.test(name));
  await removeContainers(lab);
  await endProcesses(lab);
  for (const target of mounts(lab).reverse()) await runCommand(["umount", "-l", target]);
  const inUse = new Set(cgroups().filter((folder) => !removeCgroup(folder)));
  await Promise.all(namespaces().map((name) => removeNamespace(name)));
  for (const link of await links()) await removeLink(link);
  for (const filter of await packetFilters()) await removePacketFilter(filter);
  for (const socket of await deadDockerSocket(lab)) rmSync(socket, { force: true });
  const emptied = existsSync(lab.dockerFolder) ? dockerdFolders : [];
  restoreReceiveQueues(lab);
  rmSync(lab.folder, { recursive: true, force: true });
  await removeEmptied([...emptied, path.dirname(lab.folder)]);
  const rest = (await findLeftovers(lab)).filter(({ name }) => !inUse.has(name));
  if (rest.length > 0)
    throw new WeftError(
      "internal",
      `Could not remove ${rest.map(({ kind, name }) => `${kind} ${name}`).join(", ")}.`,
    );
  return found;
}

async function endProcesses(lab: LabLayout, which = (_name: string) => true): Promise<void> {
  const found = () => labProcesses(lab).filter(({ name }) => which(name));
  const targets = found();
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    // A process that was born after the first look is caught by the second.
    const living = [...targets.filter((entry) => isAlive(entry)), ...found()];
    for (const entry of living) signalProcess(entry, signal);
    try {
      await waitFor("processes gone", () => found().length === 0, { timeoutMs: 4_000 });
      return;
    } catch (cause) {
      if (signal === "SIGKILL") throw cause;
    }
  }
}

function namespaces(): string[] {
  if (!existsSync("/run/netns")) return [];
  return readdirSync("/run/netns").filter(isNamespaceOfLab);
}

async function removeNamespace(name: string): Promise<void> {
  const file = path.join("/run/netns", name);
  if (inodeOfNamespace(file) !== undefined) await runCommand(["ip", "netns", "delete", name]);
  rmSync(file, { force: true });
}

async function links(): Promise<string[]> {
  const printed = await runCommand(["ip", "-o", "link", "show"]);
  return printed
    .split("\n")
    .flatMap((line) => /^\d+: ([^@:]*)/.exec(line)?.[1] ?? [])
    .filter(isLinkOfLab);
}

async function removeLink(link: string): Promise<void> {
  try {
    await runCommand(["ip", "link", "delete", link]);
  } catch (cause) {
    // The end of a pair goes with its other end, whose namespace may just have been torn down.
    if ((await links()).includes(link)) throw cause;
  }
}

function mounts(lab: LabLayout): string[] {
  const targets = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  const inside = targets.filter((target) => target.startsWith(`${lab.folder}/`));
  return [...new Set([...inside, ...dockerdMounts(lab.dockerFolder)])];
}

/** Those of shards and limited workloads: at the top in version 2, under each controller in version 1. */
function cgroups(): string[] {
  const root = "/sys/fs/cgroup";
  const parents = [root, ...foldersIn(root)];
  return parents
    .flatMap((parent) => foldersIn(parent))
    .filter((folder) => isCgroupOfLab(path.basename(folder)));
}

/**
 * False for one that is in use. The lab's own processes have been ended by then, so those in it are of somebody whose processes
 * are not seen from here (cgroup.procs does not show them either): it stays.
 */
function removeCgroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EBUSY") return false;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return true;
    throw cause;
  }
}

function foldersIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(parent, entry.name));
}

/** The socket of a daemon that was ours and is dead: only a lab that started one keeps a folder for it. */
async function deadDockerSocket(lab: LabLayout): Promise<string[]> {
  const ours = existsSync(lab.dockerFolder) && existsSync(dockerSocket) && !(await dockerAnswers());
  return ours ? [dockerSocket] : [];
}

/** Folders that were made on the way to ours, and the mount that `ip netns` puts on its own folder. */
async function removeEmptied(folders: readonly string[]): Promise<void> {
  const netns = "/run/netns";
  if (existsSync(netns) && readdirSync(netns).length === 0) {
    const mounted = readFileSync("/proc/self/mounts", "utf8").includes(` ${netns} `);
    if (mounted) await runCommand(["umount", netns]);
    removeIfEmpty(netns);
  }
  for (const folder of folders) removeIfEmpty(folder);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not there, or holds what is not ours.
  }
}
