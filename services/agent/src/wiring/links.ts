/** The links of the node's own network namespace, which is the one that the agent runs in, and the namespaces that have a name. */
import { readFileSync, readdirSync } from "node:fs";

/** Read from /proc, not /sys: /sys shows the namespace that it was mounted in. */
export function presentLinks(): Set<string> {
  const lines = readFileSync("/proc/self/net/dev", "utf8").split("\n");
  return new Set(lines.flatMap((line) => /^\s*(weft-[0-9a-f]+):/.exec(line)?.[1] ?? []));
}

export function namespaceNames(): Set<string> {
  try {
    return new Set(readdirSync("/run/netns"));
  } catch {
    return new Set(); // nobody has named one since the machine started
  }
}
