/**
 * What a cgroup's processes use, from the files of version 1 (a hierarchy for each controller) or 2 (one for all).
 * Reads /sys/fs/cgroup and /proc/PID/cgroup; makes nothing. What cannot be read is null.
 */
import { readFileSync } from "node:fs";
import type { Usage } from "./port.ts";

export const cgroupRoot = "/sys/fs/cgroup";
export const noUsage: Usage = { cpuSeconds: null, memory: null };

/** Paths of one cgroup below the root, as absolute ones within each hierarchy. */
export interface CgroupPaths {
  readonly unified?: string | undefined;
  readonly cpuacct?: string | undefined;
  readonly memory?: string | undefined;
}

export function usageOf({ unified, cpuacct, memory }: CgroupPaths, root = cgroupRoot): Usage {
  if (cpuacct === undefined && memory === undefined && unified !== undefined) {
    const folder = `${root}/${unified}`;
    const usec = field(read(folder, "cpu.stat"), "usage_usec");
    return {
      cpuSeconds: usec === null ? null : usec / 1e6,
      memory: workingSet(
        number(read(folder, "memory.current")),
        read(folder, "memory.stat"),
        "inactive_file",
      ),
    };
  }
  const nanoseconds =
    cpuacct === undefined ? null : number(read(`${root}/cpuacct/${cpuacct}`, "cpuacct.usage"));
  const folder = memory === undefined ? undefined : `${root}/memory/${memory}`;
  return {
    cpuSeconds: nanoseconds === null ? null : nanoseconds / 1e9,
    memory:
      folder === undefined
        ? null
        : workingSet(
            number(read(folder, "memory.usage_in_bytes")),
            read(folder, "memory.stat"),
            "total_inactive_file",
          ),
  };
}

/** Lines of /proc/PID/cgroup: `4:cpu,cpuacct:/docker/…` in version 1, `0::/system.slice/…` in version 2. */
export function parseCgroups(text: string): CgroupPaths {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, where] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || where === undefined) continue;
    for (const controller of controllers.split(",")) paths.set(controller, where);
  }
  return { unified: paths.get(""), cpuacct: paths.get("cpuacct"), memory: paths.get("memory") };
}

export function cgroupsOfProcess(pid: number): CgroupPaths {
  return parseCgroups(read(`/proc/${pid}`, "cgroup") ?? "");
}

/** As `docker stats` counts it: without the file pages that have not been used for long. */
function workingSet(used: number | null, stat: string | undefined, inactive: string): number | null {
  if (used === null) return null;
  return Math.max(0, used - (field(stat, inactive) ?? 0));
}

function field(text: string | undefined, name: string): number | null {
  const at = text === undefined ? -1 : `\n${text}`.indexOf(`\n${name} `);
  return text === undefined || at < 0 ? null : Number.parseInt(text.slice(at + name.length + 1), 10);
}

function number(text: string | undefined): number | null {
  return text === undefined || !/^\d+\s*$/.test(text) ? null : Number(text);
}

/** Read of each shard each second: to join the paths cost as much as to read the files. */
function read(folder: string, name: string): string | undefined {
  try {
    return readFileSync(`${folder}/${name}`, "latin1");
  } catch {
    return undefined; // ended meanwhile, or no such controller
  }
}
