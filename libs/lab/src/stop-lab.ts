/**
 * `stopLab` and `labStatus`: end a lab however it came to be where it is, and say whether one runs.
 * A living supervisor is asked to end its lab itself; whatever is there afterwards is found by its marks and removed.
 */
import { WeftError } from "@weft/schemas";
import { waitFor } from "./command.ts";
import type { LabLayout } from "./layout.ts";
import { labFolder, labLayout } from "./layout.ts";
import type { Leftover } from "./leftovers.ts";
import { findLeftovers, removeLeftovers } from "./leftovers.ts";
import { refuseBesideOtherLab, takeLock } from "./lock.ts";
import { isAlive, signalProcess } from "./proc.ts";
import { requireRoot } from "./root.ts";
import type { LabState } from "./state.ts";
import { readState } from "./state.ts";

export interface StopLabOptions {
  readonly folder?: string;
  /** Only lists what would be removed. */
  readonly dryRun?: boolean;
  readonly onStep?: (text: string) => void;
}

/**
 * Removes everything of the lab; resolves to what there was (with `dryRun`: what there is). Empty when there was none.
 * Throws `conflict` while a lab of another folder is up, whose things have the same names.
 */
export async function stopLab(options: StopLabOptions = {}): Promise<Leftover[]> {
  const { folder = labFolder(), dryRun = false, onStep } = options;
  requireRoot("weft down");
  const layout = labLayout(folder);
  await refuseBesideOtherLab(folder, labStatus(folder) && folder);
  const there = await findLeftovers(layout);
  if (dryRun || there.length === 0) return there;
  const supervisor = readState(layout)?.supervisor;
  if (supervisor !== undefined && signalProcess(supervisor, "SIGTERM")) {
    onStep?.("the supervisor stops its lab");
    await supervisorGone(supervisor);
  }
  onStep?.("removing what is left");
  await removeUnderLock(layout);
  return there;
}

/** Nobody starts a lab while this removes one. A supervisor of this folder that has the lock is itself to be removed. */
async function removeUnderLock(layout: LabLayout): Promise<void> {
  const lock = await takeLock(layout.folder).catch(async (cause: unknown) => {
    if (!(cause instanceof WeftError)) throw cause;
    await refuseBesideOtherLab(layout.folder, layout.folder);
  });
  try {
    await removeLeftovers(layout);
  } finally {
    lock?.close();
  }
}

async function supervisorGone(supervisor: LabState["supervisor"]): Promise<void> {
  try {
    await waitFor("the supervisor ended", () => !isAlive(supervisor), { timeoutMs: 60_000 });
  } catch (cause) {
    if (!(cause instanceof WeftError)) throw cause;
    signalProcess(supervisor, "SIGKILL");
  }
}

/** The state of the lab in a folder, or undefined when none runs there. */
export function labStatus(folder: string = labFolder()): LabState | undefined {
  const state = readState(labLayout(folder));
  return state !== undefined && isAlive(state.supervisor) ? state : undefined;
}
