/**
 * The kernel's counters as it tells them under /proc: links of the node's namespace, connections tracked in a shard's.
 * A few reads of files that cost microseconds; no process, no netlink. What cannot be read is undefined.
 */
import { readFileSync, statSync } from "node:fs";

export interface LinkCounters {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

/** Of one link by its name; undefined: there is none. */
export type Links = (name: string) => LinkCounters | undefined;

/** As the links of this process's network namespace are now. */
export function readLinks(): Links {
  const text = readFileSync("/proc/self/net/dev", "latin1");
  return (name) => linkIn(text, name);
}

/** A node has many links that nobody asks for: of those no number is read. */
export function linkIn(text: string, name: string): LinkCounters | undefined {
  const own = `${name}:`;
  let at = text.indexOf(own);
  while (at > 0 && !" \n".includes(text.charAt(at - 1))) at = text.indexOf(own, at + 1);
  if (at < 0) return undefined;
  const fields = text
    .slice(at + own.length, text.indexOf("\n", at))
    .trim()
    .split(/\s+/)
    .map(Number);
  const [receivedBytes = 0, receivedPackets = 0, , , , , , , sentBytes = 0, sentPackets = 0] = fields;
  return { receivedBytes, receivedPackets, sentBytes, sentPackets };
}

/** Connections tracked in the namespace that the process is in; undefined when it is in another by now. */
export function readFlows(pid: number, namespaceInode: number | undefined): number | undefined {
  try {
    if (statSync(`/proc/${pid}/ns/net`).ino !== namespaceInode) return undefined;
    return parseFlows(readFileSync(`/proc/${pid}/net/stat/nf_conntrack`, "latin1"));
  } catch {
    return undefined; // ended meanwhile, or a kernel without connection tracking
  }
}

/** A line for each CPU, each beginning with the same number for the whole namespace, in hexadecimal. */
export function parseFlows(text: string): number | undefined {
  const [, first = ""] = text.split("\n");
  const entries = Number.parseInt(first.trim().split(/\s+/)[0] ?? "", 16);
  return Number.isNaN(entries) ? undefined : entries;
}
