/**
 * CPU and memory limits of the namespace runtime, by a cgroup for each placement that has any (version 1 or 2).
 * Limits are what the host can do: where a controller is missing, the process runs without that limit.
 * A CPU quota does not bound what the kernel forwards for it; bandwidth limits are the agent's wiring.
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = "/sys/fs/cgroup";
const periodMicroseconds = 100_000;

interface Limits {
  readonly cpu?: number;
  readonly memory?: number;
}

/** Makes the cgroups; resolves to the files that a process must write its id into. */
export function prepareLimits(name: string, { cpu, memory }: Limits): string[] {
  const quota = cpu === undefined ? undefined : Math.max(1_000, Math.round(cpu * periodMicroseconds));
  if (existsSync(path.join(root, "cgroup.controllers")))
    return prepare(path.join(root, name), {
      ...(quota === undefined ? {} : { "cpu.max": `${quota} ${periodMicroseconds}` }),
      ...(memory === undefined ? {} : { "memory.max": String(Math.round(memory)) }),
    });
  return [
    ...(quota === undefined
      ? []
      : prepare(path.join(root, "cpu", name), { "cpu.cfs_quota_us": String(quota) })),
    ...(memory === undefined
      ? []
      : prepare(path.join(root, "memory", name), { "memory.limit_in_bytes": String(Math.round(memory)) })),
  ];
}

export function removeLimits(name: string): void {
  for (const folder of [
    path.join(root, name),
    path.join(root, "cpu", name),
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
  if (Object.keys(files).length === 0) return [];
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
    return [path.join(folder, "cgroup.procs")];
  } catch {
    return []; // no such controller, or the host's hierarchy is not ours to write
  }
}
