/** The links of the node and the addresses that the host itself has on them, in the namespace that the agent runs in. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

/** Read from /proc, not /sys: /sys shows the namespace that it was mounted in. */
export function hostLinks(): Map<string, string[]> {
  const lines = readFileSync("/proc/self/net/dev", "utf8").split("\n");
  const names = lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
  const addresses = networkInterfaces();
  return new Map(names.map((name) => [name, (addresses[name] ?? []).flatMap(ownAddress)]));
}

/** Every link that is up has a link-local address of IPv6: nobody reaches the host by it. */
function ownAddress({ cidr, address }: { cidr: string | null; address: string }): string[] {
  return /^fe[89ab]/i.test(address) ? [] : [cidr ?? address];
}
