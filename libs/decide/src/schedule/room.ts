/**
 * Room: which node takes the next instance. Requests count against capacity, also those of what is leaving.
 * Spread first (fewest of its kin), then the most free CPU, then the fewest instances, then the name.
 */
import type { InstancePlacement, NodeRecord, Runtime } from "@weft/schemas";
import { isInstance, nodeHealthKey } from "@weft/schemas";
import { removedNodes } from "../access/removed-nodes.ts";
import type { NodeWishes } from "./node-policies.ts";
import { nodeWishes } from "./node-policies.ts";
import type { ScheduleSeen } from "./seen.ts";

export interface Request {
  readonly runtime: Runtime;
  readonly resources: { readonly cpu?: number | undefined; readonly memory?: number | undefined };
  /** Only this node will do. */
  readonly node?: string | undefined;
  /** Whether an instance is of the same kind, so that the two should stand apart. */
  readonly isKin: (instance: InstancePlacement) => boolean;
}

export interface NoRoom {
  readonly reason: "NoNode" | "NodeMissing" | "NoRoom";
  readonly message: string;
}

/** A node with what stands on it; kept up to date while a round places. */
interface Standing {
  readonly node: NodeRecord;
  readonly lost: boolean;
  readonly removed: boolean;
  readonly wishes: NodeWishes;
  readonly instances: Map<string, InstancePlacement>;
}

export interface Room {
  choose(request: Request): { node: string } | NoRoom;
  take(key: string, instance: InstancePlacement): void;
}

export function roomOf(seen: ScheduleSeen): Room {
  const standings = new Map<string, Standing>();
  const gone = removedNodes(seen.access);
  const wishesOf = nodeWishes(seen.intents);
  for (const { value: node } of seen.nodes.values()) {
    const health = seen.health.get(nodeHealthKey(node.name))?.value;
    const lost = health?.kind === "node" && health.state === "lost";
    const removed = gone.has(node.name);
    standings.set(node.name, { node, lost, removed, wishes: wishesOf(node.name), instances: new Map() });
  }
  const take = (key: string, instance: InstancePlacement) =>
    void standings.get(instance.node)?.instances.set(key, instance);
  for (const [key, { value }] of seen.placements) if (isInstance(value)) take(key, value);
  return { choose: (request) => choose([...standings.values()], request), take };
}

function choose(standings: readonly Standing[], request: Request): { node: string } | NoRoom {
  const asked = standings.filter(({ node }) => request.node === undefined || node.name === request.node);
  if (asked.length === 0) return noneAtAll(request);
  const problems = asked.map((standing) => ({ standing, problem: problemOf(standing, request) }));
  const [best] = problems
    .filter(({ problem }) => problem === undefined)
    .map(({ standing }) => rankOf(standing, request))
    .toSorted(compareRanks);
  if (best !== undefined) return { node: best.name };
  const message = problems
    .map(({ standing, problem }) => `${standing.node.name}: ${problem ?? ""}`)
    .toSorted()
    .join("; ");
  return { reason: "NoRoom", message };
}

function noneAtAll({ node }: Request): NoRoom {
  return node === undefined
    ? { reason: "NoNode", message: "no node has joined yet" }
    : { reason: "NodeMissing", message: `there is no node ${node}` };
}

function problemOf(standing: Standing, { runtime, resources }: Request): string | undefined {
  const { node, lost, removed, wishes } = standing;
  if (removed) return "was removed";
  if (wishes.unschedulable) return wishes.drain ? "is drained" : "is cordoned";
  if (lost) return "is lost";
  if (!node.runtimes.includes(runtime)) return `has no runtime ${runtime}`;
  const free = freeOf(standing);
  const { cpu = 0, memory = 0 } = resources;
  // Sums of decimals: 0.1 + 0.2 must still fit into 0.3.
  if (cpu > 0 && cpu > free.cpu + 1e-9) return `needs ${cpu} cores, ${round(free.cpu)} are free`;
  if (memory > 0 && memory > free.memory) return `needs ${memory} bytes of memory, ${free.memory} are free`;
  return undefined;
}

function freeOf({ node, instances }: Standing): { cpu: number; memory: number } {
  let { cpu, memory } = node.capacity;
  for (const { resources } of instances.values()) {
    cpu -= resources.cpu ?? 0;
    memory -= resources.memory ?? 0;
  }
  return { cpu: Math.max(0, cpu), memory: Math.max(0, memory) };
}

function round(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}

interface Rank {
  readonly name: string;
  readonly kin: number;
  readonly freeCpu: number;
  readonly instances: number;
}

function rankOf(standing: Standing, { isKin }: Request): Rank {
  const staying = [...standing.instances.values()].filter(({ leaving }) => !leaving);
  return {
    name: standing.node.name,
    kin: staying.filter(isKin).length,
    freeCpu: round(freeOf(standing).cpu),
    instances: standing.instances.size,
  };
}

function compareRanks(a: Rank, b: Rank): number {
  return a.kin - b.kin || b.freeCpu - a.freeCpu || a.instances - b.instances || (a.name < b.name ? -1 : 1);
}
