/**
 * The lab's containers, found on Docker's disk by their label, so that they are seen while no daemon runs.
 * Removing them is the daemon's: one of ours is started for it if none answers.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { ensureDockerd } from "../../../setup/dockerd.mjs";
import { runCommand } from "./command.ts";
import type { LabLayout } from "./layout.ts";

export const labLabel = "weft.dev/lab";
const dockerContainers = "/var/lib/docker/containers";

/** Ids of the containers that carry the lab's label, running or not. */
export function storedContainers(lab: LabLayout, stored: string = dockerContainers): string[] {
  if (!existsSync(stored)) return [];
  const label = `${JSON.stringify(labLabel)}:${JSON.stringify(lab.id)}`;
  return readdirSync(stored).filter((id) => configOf(path.join(stored, id)).includes(label));
}

/** Empty for a container that is half made or half removed: it must not hide the others. */
function configOf(folder: string): string {
  try {
    return readFileSync(path.join(folder, "config.v2.json"), "utf8");
  } catch {
    return "";
  }
}

export async function removeContainers(lab: LabLayout): Promise<void> {
  const ids = storedContainers(lab);
  if (ids.length === 0) return;
  const daemon = await ensureDockerd(path.join(lab.folder, "cleaning"));
  try {
    await runCommand(["docker", "rm", "--force", "--volumes", ...ids], { timeoutMs: 60_000 });
  } finally {
    await daemon.stop();
  }
}
