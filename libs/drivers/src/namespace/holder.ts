/**
 * Holders of the namespace runtime: named network namespaces, made and removed by one `ip -batch` for all of a round.
 * Reads /run/netns; a name without a namespace mounted on it (left by a crash) is removed and made anew.
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { WeftError } from "@weft/schemas";
import type { Holder } from "../port.ts";
import { runOnHost } from "../run.ts";

const folder = "/run/netns";

export function namespacePath(name: string): string {
  return `${folder}/${name}`;
}

export function holderOf(name: string): Holder {
  const inode = inodeOf(name);
  if (inode === undefined) return { id: name, running: false };
  return {
    id: name,
    running: true,
    namespacePath: namespacePath(name),
    namespaceRef: name,
    namespaceInode: inode,
  };
}

/** Makes the namespaces that are not there. Throws naming the first that could not be made. */
export async function addNamespaces(names: readonly string[]): Promise<void> {
  const missing = names.filter((name) => inodeOf(name) === undefined);
  for (const name of missing) rmSync(namespacePath(name), { force: true });
  await batch(missing.map((name) => `netns add ${name}`));
}

export async function deleteNamespaces(names: readonly string[]): Promise<void> {
  await batch(names.filter((name) => inodeOf(name) !== undefined).map((name) => `netns delete ${name}`));
  for (const name of names) if (existsSync(namespacePath(name))) rmSync(namespacePath(name), { force: true });
}

/** Goes on after a line that fails: what is there in the end tells which of them did. */
async function batch(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const { code, stderr } = await runOnHost({
    argv: ["ip", "-force", "-batch", "-"],
    stdin: `${lines.join("\n")}\n`,
  });
  if (code !== 0)
    throw new WeftError("unavailable", `Network namespaces: ${stderr.trim().split("\n")[0] ?? ""}.`);
}

/** Inode of the namespace mounted on a name; undefined for a bare file, whose device is the folder's own. */
function inodeOf(name: string): number | undefined {
  try {
    const [file, parent] = [statSync(namespacePath(name)), statSync(folder)];
    return file.dev === parent.dev ? undefined : file.ino;
  } catch {
    return undefined;
  }
}
