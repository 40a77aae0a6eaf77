/** What the kernel says inside a shard's namespace: the connections that it tracks, the rules that it filters by. */
import type { RealizedRecord } from "@weft/schemas";
import { run } from "../lab/command-line.ts";

/** Client, server and ports, once for both directions. */
export async function establishedIn(shard: RealizedRecord): Promise<string[]> {
  const stdout = await inside(shard, ["conntrack", "-L", "-p", "tcp", "--state", "ESTABLISHED"]);
  return [...stdout.matchAll(/ESTABLISHED (src=\S+ dst=\S+ sport=\d+ dport=\d+)/g)].map(
    ([, flow]) => flow ?? "",
  );
}

export function rulesIn(shard: RealizedRecord): Promise<string> {
  return inside(shard, ["nft", "--stateless", "list", "ruleset"]);
}

async function inside({ name, holder }: RealizedRecord, command: readonly string[]): Promise<string> {
  if (holder === undefined) throw new Error(`${name} has no namespace`);
  const named = /^weft-[0-9a-f]{10}$/.test(holder);
  const where = named ? `/run/netns/${holder}` : `/proc/${await pidOf(holder)}/ns/net`;
  const { stdout } = await run("nsenter", [`--net=${where}`, ...command]);
  return stdout;
}

async function pidOf(container: string): Promise<number> {
  const { stdout } = await run("docker", ["inspect", "--format", "{{.State.Pid}}", container]);
  return Number(stdout);
}
