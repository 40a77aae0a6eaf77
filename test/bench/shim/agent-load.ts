/**
 * What a real agent uses while a shard on its node knows 100,000 flows: in a lab of two nodes, with the flows put into the kernel's own
 * tables, those of the shim and of the function's connection tracking. Nobody speaks: what is measured is knowing, not forwarding.
 */
import { setTimeout as delay } from "node:timers/promises";
import { labStatus } from "@weft/lab";
import { run } from "../../lab/command-line.ts";
import { group } from "../../traffic/moving-documents.ts";
import { MovingWorld } from "../../traffic/moving-world.ts";
import { namespacePathOf } from "../../traffic/shard-kernel.ts";
import { labProcesses } from "../idle/lab-processes.ts";
import { valuesOf } from "../lab/lab-bus.ts";

const nodes = 2;
const settleSeconds = 8;
const batch = 5_000;
/** As long as the agent and the firewall let a connection be silent. */
const flowSeconds = 7_500;

export interface AgentLoad {
  /** In cores, the busier agent with everything that it started, over a window each. */
  readonly idle: number;
  /** From when the flows are there: the agent notices that much has changed, and looks. */
  readonly known: number;
  /** From when the group grows by one shard, which half of the flows are listed for: then they drain. */
  readonly moving: number;
  readonly listed: number;
}

export async function agentLoad(
  flows: number,
  windowSeconds: number,
  say: (line: string) => void,
): Promise<AgentLoad> {
  await using world = await MovingWorld.open(nodes, { replicas: 1 });
  await delay(settleSeconds * 1_000);
  say(`the agent at rest, then with ${flows} flows for ${windowSeconds} s`);
  const idle = await coresOver(windowSeconds / 3);
  const [shard] = world.runningShards();
  if (shard === undefined) throw new Error("no shard runs");
  await fill(await namespacePathOf(shard), flows);
  const known = await coresOver(windowSeconds);
  say("half of them change hands");
  const grown = world.change({ replicas: 2 });
  const moving = await coresOver((windowSeconds * 2) / 3);
  await grown;
  await world.lab.until("the old flows are waited for", () => drainingFlows(world) > 0);
  return { idle, known, moving, listed: drainingFlows(world) };
}

/** As the shims tell in their records; 0 when nothing drains. */
function drainingFlows(world: MovingWorld): number {
  const shims = valuesOf(world.lab.shims).filter((each) => each.group === group);
  return shims.flatMap(({ handoffs }) => handoffs).reduce((sum, { flows = 0 }) => sum + flows, 0);
}

/** Of the busiest agent. */
async function coresOver(seconds: number): Promise<number> {
  const beganAt = performance.now();
  const before = agentSeconds();
  await delay(seconds * 1_000);
  const tookSeconds = (performance.now() - beganAt) / 1_000;
  return Math.max(...agentSeconds().map((used, at) => (used - (before[at] ?? Number.NaN)) / tookSeconds));
}

/** Of each agent in turn. */
function agentSeconds(): number[] {
  const agents = labProcesses(labStatus()?.id ?? "").filter(({ name }) => name.startsWith("agent"));
  if (agents.length !== nodes) throw new Error(`${agents.length} agents run`);
  return agents.map(({ own, children }) => own.cpuSeconds + children.cpuSeconds);
}

/** Into the shim and into the function's connection tracking, of 200 clients. */
async function fill(namespace: string, flows: number): Promise<void> {
  const all = Array.from({ length: flows }, (_, nth) => ({
    client: `10.8.1.${10 + (nth % 200)}`,
    port: 10_000 + Math.floor(nth / 200),
  }));
  for (let from = 0; from < flows; from += batch) {
    const elements = all
      .slice(from, from + batch)
      .map(({ client, port }) => `${client} . 10.8.2.10 . 6 . ${port} . 7000 timeout ${flowSeconds}s`);
    await done(
      namespace,
      ["nft", "-f", "-"],
      `add element netdev weft_shim known_4 { ${elements.join(", ")} }\n`,
    );
  }
  const lines = all.map(
    ({ client, port }) =>
      `-I -s ${client} -d 10.8.2.10 -p tcp --sport ${port} --dport 7000 --state ESTABLISHED -t ${flowSeconds} -u SEEN_REPLY,ASSURED`,
  );
  // It opens the file by its name, which a socket has none of.
  await done(namespace, ["sh", "-c", "cat | conntrack --load-file -"], `${lines.join("\n")}\n`);
}

async function done(namespace: string, command: readonly string[], stdin: string): Promise<void> {
  const { code, stderr } = await run("nsenter", [`--net=${namespace}`, ...command], stdin);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr.slice(0, 500)}`);
}
