/** What the kernel says inside a shard's namespace: the connections that it tracks, the rules that it filters by; and its end. */
import { readdirSync, readlinkSync } from "node:fs";
import type { RealizedRecord } from "@weft/schemas";
import { run } from "../lab/command-line.ts";

/**
 * Established connections and answered flows of datagrams: protocol, client, server and ports, once for both directions. Each with the
 * seconds after which its entry goes when nothing of it passes any more.
 */
export async function trackedIn(shard: RealizedRecord): Promise<ReadonlyMap<string, number>> {
  const stdout = await inside(shard, ["sh", "-c", "conntrack -L && conntrack -L -f ipv6"]);
  const flow =
    /^(tcp|udp) +\d+ (\d+) (?:ESTABLISHED |(?!.*UNREPLIED))(src=\S+ dst=\S+ sport=\d+ dport=\d+)/gm;
  return new Map(
    [...stdout.matchAll(flow)].map(([, protocol = "", seconds, ends = ""]) => [
      `${protocol} ${ends}`,
      Number(seconds),
    ]),
  );
}

/** By shard. */
export async function trackedInEach(
  shards: readonly RealizedRecord[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  return new Map(
    await Promise.all(shards.map(async (shard) => [shard.name, await trackedIn(shard)] as const)),
  );
}

export function rulesIn(shard: RealizedRecord): Promise<string> {
  return inside(shard, ["nft", "--stateless", "list", "ruleset"]);
}

/** Everything that is in a docker shard's namespace, in the same moment; it goes with them. */
export async function endAll({ name, holder }: RealizedRecord): Promise<void> {
  if (holder === undefined) throw new Error(`${name} has no namespace`);
  for (const pid of processesIn(await pidOf(holder))) killIfThere(pid);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // a tool of the agent's that had done its work
  }
}

/** All that are in the same network namespace. */
function processesIn(pid: number): number[] {
  const namespaceOf = (each: number) => {
    try {
      return readlinkSync(`/proc/${each}/ns/net`);
    } catch {
      return undefined; // it ended
    }
  };
  const namespace = namespaceOf(pid);
  if (namespace === undefined) throw new Error(`process ${pid} is gone`);
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return all.filter((each) => namespaceOf(each) === namespace);
}

async function inside(shard: RealizedRecord, command: readonly string[]): Promise<string> {
  const { stdout } = await run("nsenter", [`--net=${await namespacePathOf(shard)}`, ...command]);
  return stdout;
}

export async function namespacePathOf({ name, holder }: RealizedRecord): Promise<string> {
  if (holder === undefined) throw new Error(`${name} has no namespace`);
  const named = /^weft-[0-9a-f]{10}$/.test(holder);
  return named ? `/run/netns/${holder}` : `/proc/${await pidOf(holder)}/ns/net`;
}

async function pidOf(container: string): Promise<number> {
  const { stdout } = await run("docker", ["inspect", "--format", "{{.State.Pid}}", container]);
  return Number(stdout);
}
