/** Flows that shards say are theirs, read from the steering in front of each. In steady state no flow is known to two. */
import type { FailureLab } from "./failure-lab.ts";
import { run } from "./failure-lab.ts";

/** Client, server, protocol and ports, as nft writes them. */
const flow = /\d+(?:\.\d+){3} \. \d+(?:\.\d+){3} \. \S+ \. \d+ \. \d+/g;

export async function knownFlows(lab: FailureLab, shard: string): Promise<string[]> {
  const { holder } = await lab.processesOf(shard);
  const inside = ["-t", String(holder), "-n", "nft", "list", "set", "netdev", "weft_shim", "known_4"];
  const { stdout } = await run("nsenter", inside);
  return [...stdout.matchAll(flow)].map(([text]) => text);
}

/** As `flow: shards`. */
export async function knownTwice(lab: FailureLab): Promise<string[]> {
  const knownBy = new Map<string, string[]>();
  for (const shard of lab.runningShards())
    for (const text of await knownFlows(lab, shard)) knownBy.set(text, [...(knownBy.get(text) ?? []), shard]);
  if (knownBy.size === 0) throw new Error("no shard knows a flow");
  return [...knownBy].flatMap(([text, by]) => (by.length > 1 ? [`${text}: ${by.join(", ")}`] : []));
}
