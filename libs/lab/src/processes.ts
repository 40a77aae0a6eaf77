/**
 * Which processes belong to a lab: those that carry its id in their environment, those inside one of its network
 * namespaces, and the descendants of both. Never this process or one that it descends from.
 */
import { readdirSync } from "node:fs";
import type { LabLayout } from "./layout.ts";
import { isNamespaceOfLab } from "./layout.ts";
import type { ProcessEntry } from "./proc.ts";
import { environmentOf, inodeOfNamespace, listProcesses, networkNamespaceOf } from "./proc.ts";

export function labProcesses(lab: LabLayout): ProcessEntry[] {
  const all = listProcesses();
  const spared = ancestry(all, process.pid);
  const inodes = namespaceInodes();
  const marked = all.filter(({ pid }) => {
    if (environmentOf(pid, "WEFT_LAB") === lab.id) return true;
    const inode = networkNamespaceOf(pid);
    return inode !== undefined && inodes.has(inode);
  });
  const found = withDescendants(
    all,
    marked.filter(({ pid }) => !spared.has(pid)),
  );
  return found.filter(({ pid }) => !spared.has(pid));
}

function namespaceInodes(): Set<number> {
  try {
    const names = readdirSync("/run/netns").filter(isNamespaceOfLab);
    return new Set(names.flatMap((name) => inodeOfNamespace(`/run/netns/${name}`) ?? []));
  } catch {
    return new Set();
  }
}

function ancestry(all: readonly ProcessEntry[], pid: number): Set<number> {
  const parents = new Map(all.map((entry) => [entry.pid, entry.parent]));
  const line = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !line.has(at); at = parents.get(at))
    line.add(at);
  return line;
}

function withDescendants(all: readonly ProcessEntry[], roots: readonly ProcessEntry[]): ProcessEntry[] {
  const found = new Map(roots.map((entry) => [entry.pid, entry]));
  for (let grown = true; grown;) {
    grown = false;
    for (const entry of all) {
      if (found.has(entry.pid) || !found.has(entry.parent)) continue;
      found.set(entry.pid, entry);
      grown = true;
    }
  }
  return [...found.values()];
}
