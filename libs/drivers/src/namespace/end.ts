/**
 * Ends what runs for placements of the namespace runtime: the process, its group, and all else inside the namespace.
 * A process may ignore SIGTERM, or outlive the one that started it: what is left after a grace gets SIGKILL.
 */
import { isAlive, namespaceInodeOf, placedProcesses } from "../proc.ts";
import type { PlacedProcess, Process } from "../proc.ts";
import { holderOf } from "./holder.ts";
import { namespaceName } from "./state-file.ts";
import type { NamespaceState } from "./state-file.ts";

const endWithinMs = 2_000;
const lookEveryMs = 10;

/** Resolves when nothing is left, or when what is left does not die of SIGKILL either. */
export async function endProcesses(states: readonly NamespaceState[]): Promise<void> {
  const first = processesOf(states);
  signal(first, "SIGTERM");
  await gone(first);
  // Looked for again: they may have started others meanwhile, and what was killed cannot any more.
  for (const until = Date.now() + endWithinMs; Date.now() < until;) {
    const left = [...first.filter(isAlive), ...processesOf(states)];
    if (left.length === 0) return;
    signal(left, "SIGKILL");
    await gone(left);
  }
}

/** One look at /proc for all of them. */
function processesOf(states: readonly NamespaceState[]): Process[] {
  const own = namespaceInodeOf("self");
  const inodes = new Set(
    states.flatMap((state) => holderOf(namespaceName(state.identity)).namespaceInode ?? []),
  );
  if (own !== undefined) inodes.delete(own);
  const groups = new Map(
    states.flatMap(({ process: known }) => (known === undefined ? [] : [[known.pid, known]])),
  );
  return placedProcesses().filter(
    (each) => inodes.has(each.namespaceInode) || isOfGroup(each, groups.get(each.group), own),
  );
}

/**
 * A group keeps its leader's id from being used again for as long as one of it lives. Once all had ended, a stranger may
 * have that id: then its leader, if it lives, has another start time, and its own namespace is most likely the host's.
 */
function isOfGroup(each: PlacedProcess, leader: Process | undefined, own: number | undefined): boolean {
  if (leader === undefined) return false;
  if (isAlive(leader)) return true;
  return namespaceInodeOf(leader.pid) === undefined && each.namespaceInode !== own;
}

async function gone(processes: readonly Process[]): Promise<void> {
  // By no clock that somebody may set: a jump would have them killed before their time, or waited for without end.
  const deadline = performance.now() + endWithinMs;
  while (processes.some(isAlive) && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}

function signal(processes: readonly Process[], name: NodeJS.Signals): void {
  for (const each of processes) {
    if (!isAlive(each)) continue;
    try {
      process.kill(each.pid, name);
    } catch {
      // It ended between the look and the signal.
    }
  }
}
