/**
 * Open vSwitch in user space reads each link by a socket, and forwards nothing while it adds a port or takes rules in: what comes meanwhile
 * waits in that socket's queue, of net.core.rmem_default bytes. At the usual 208 KiB a burst of new shards lost 10 % of 4,000 packets/s for half
 * a second, at 4 MiB none. The setting is the whole machine's: it is put back when the lab goes. Where it may not be set, nothing is done.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { LabLayout } from "./layout.ts";

const setting = "/proc/sys/net/core/rmem_default";
const wideBytes = 4 * 1024 * 1024;

export function widenReceiveQueues(lab: LabLayout): void {
  const before = readBytes(setting);
  if (before === undefined || before >= wideBytes) return;
  mkdirSync(lab.folder, { recursive: true });
  writeFileSync(memoryOf(lab), String(before));
  if (!set(wideBytes)) rmSync(memoryOf(lab));
}

/** The value that the machine had, while it is not put back. */
export function widenedReceiveQueues(lab: LabLayout): number | undefined {
  return readBytes(memoryOf(lab));
}

/** What somebody else set meanwhile stays. */
export function restoreReceiveQueues(lab: LabLayout): void {
  const before = widenedReceiveQueues(lab);
  if (before !== undefined && readBytes(setting) === wideBytes) set(before);
  rmSync(memoryOf(lab), { force: true });
}

function memoryOf(lab: LabLayout): string {
  return path.join(lab.folder, "rmem-default");
}

function readBytes(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}

/** False in a network namespace that is not the machine's first: it may only read. */
function set(bytes: number): boolean {
  try {
    writeFileSync(setting, String(bytes));
    return true;
  } catch {
    return false;
  }
}
