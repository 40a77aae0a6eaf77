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

/** Of every link in this process's network namespace, by name. */
export function readLinks(): Map<string, LinkCounters> {
  return parseLinks(readFileSync("/proc/self/net/dev", "latin1"));
}

export function parseLinks(text: string): Map<string, LinkCounters> {
  const links = new Map<string, LinkCounters>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const [receivedBytes = 0, receivedPackets = 0, , , , , , , sentBytes = 0, sentPackets = 0] = fields;
    links.set(line.slice(0, colon).trim(), { receivedBytes, receivedPackets, sentBytes, sentPackets });
  }
  return links;
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
