/**
 * CPU and memory limits of the namespace runtime, by a cgroup for each placement that has any (version 1 or 2), or whose use is
 * to be accounted for. Limits are what the host can do: where a controller is missing, the process runs without that limit.
 * A CPU quota does not bound what the kernel forwards for it; bandwidth limits are the agent's wiring.
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CgroupPaths } from "../cgroup.ts";
import { cgroupRoot as root } from "../cgroup.ts";

const periodMicroseconds = 100_000;

interface Limits {
  readonly cpu?: number;
  readonly memory?: number;
  /** Also without a limit. */
  readonly accounted: boolean;
}

/** Makes the cgroups; resolves to the files that a process must write its id into. */
export function prepareLimits(name: string, { cpu, memory, accounted }: Limits): string[] {
  const quota = cpu === undefined ? undefined : Math.max(1_000, Math.round(cpu * periodMicroseconds));
  const limited = quota !== undefined || memory !== undefined;
  if (isUnified())
    return limited || accounted
      ? prepare(path.join(root, name), {
          ...(quota === undefined ? {} : { "cpu.max": `${quota} ${periodMicroseconds}` }),
          ...(memory === undefined ? {} : { "memory.max": String(Math.round(memory)) }),
        })
      : [];
  const memoryFiles = memory === undefined ? {} : { "memory.limit_in_bytes": String(Math.round(memory)) };
  return [
    ...(quota === undefined
      ? []
      : prepare(path.join(root, "cpu", name), { "cpu.cfs_quota_us": String(quota) })),
    ...(accounted ? prepare(path.join(root, "cpuacct", name), {}) : []),
    ...(memory !== undefined || accounted ? prepare(path.join(root, "memory", name), memoryFiles) : []),
  ];
}

/** Where the use of a placement is accounted for. */
export function cgroupsOf(name: string): CgroupPaths {
  return isUnified() ? { unified: name } : { cpuacct: name, memory: name };
}

function isUnified(): boolean {
  return existsSync(path.join(root, "cgroup.controllers"));
}

export function removeLimits(name: string): void {
  for (const folder of [
    path.join(root, name),
    path.join(root, "cpu", name),
    path.join(root, "cpuacct", name),
    path.join(root, "memory", name),
  ]) {
    try {
      rmdirSync(folder);
    } catch {
      // Never made, or a process is still ending in it: an empty cgroup limits nobody.
    }
  }
}

function prepare(folder: string, files: Readonly<Record<string, string>>): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
    return [path.join(folder, "cgroup.procs")];
  } catch {
    return []; // no such controller, or the host's hierarchy is not ours to write
  }
}
