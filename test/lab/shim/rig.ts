/**
 * Two shards with real shims between a client and a server, in namespaces alone: no lab, no Open vSwitch, no Weft running. A router
 * with two bridges stands for OVN: which shard it sends to, in either direction, is the test's word, and so is what each shim holds.
 * The shards' function is a strict filter: what belongs to a connection whose beginning it did not see is dropped.
 */
import type { MacPair } from "@weft/decide";
import type { Family, Flow } from "@weft/schemas";
import { flowText } from "../../../services/agent/src/shim/flow-text.ts";
import type { ShimShape } from "../../../services/agent/src/shim/ruleset/shape.ts";
import { setName, shimTable } from "../../../services/agent/src/shim/ruleset/shape.ts";
import { shimRuleset } from "../../../services/agent/src/shim/ruleset/ruleset.ts";
import type { Owners } from "../../../services/agent/src/shim/entries.ts";
import {
  forgetKnown,
  loadRules,
  readKnown,
  writeOwners,
  writeWays,
} from "../../../services/agent/src/shim/shim-kernel.ts";
import { run } from "../command-line.ts";
import { firstClient, lastClient, names, plan, routers, shards } from "./rig-plan.ts";

export type ShardName = keyof typeof shards;
export const shardNames = ["old", "new"] as const satisfies readonly ShardName[];
export const serverOf = { 4: "10.70.2.10", 6: "fd70:2::10" } as const;

/** Where the router sends what comes from the clients and from the servers. */
export interface Policies {
  readonly toServers: ShardName;
  readonly toClients: ShardName;
}
/** What the agent writes, for some slots: to whom unknown flows go, and whose the flows of lists are. */
export interface Steering {
  readonly next?: ShardName;
  readonly prev?: ShardName;
  readonly owner?: { readonly of: ShardName; readonly flows: readonly Flow[] };
}

export interface Loading {
  /** For flows, and for fragmented datagrams on each side, of each family. */
  readonly room?: number;
  readonly fragments?: number;
  /** With a closed gate, as into a namespace in which something is to be steered. The next steering opens it. */
  readonly waiting?: boolean;
  /** Rules are left out that match: the name of the chain, then the rule. */
  readonly without?: RegExp | undefined;
}

export class ShimRig implements AsyncDisposable {
  readonly #owners = new Map<ShardName, Owners>();
  readonly #loaded = new Map<ShardName, Loading>();
  #nextClient = firstClient;

  static async open(): Promise<ShimRig> {
    const rig = new ShimRig();
    try {
      await script(plan());
      return rig;
    } catch (cause) {
      await rig[Symbol.asyncDispose]();
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await script(names.map((name) => `ip netns delete ${name} || true`).join("\n"));
  }

  /** Addresses that no flow had before, so that what earlier tests left under way meets nothing of this one's. */
  client(): { readonly slot: number; readonly addresses: readonly string[] } {
    const slot = this.#nextClient;
    if (slot > lastClient) throw new Error("the client has no more addresses");
    this.#nextClient += 1;
    // The low octet is the slot, in both families.
    return { slot, addresses: [`10.70.1.${slot}`, `fd70:1::${slot.toString(16)}`] };
  }

  /** Rules as the agent loads them; sets stay. */
  async load(shard: ShardName, loading: Loading = {}): Promise<void> {
    const { room = 1_000, fragments = 1_000, without, waiting = false } = loading;
    this.#loaded.set(shard, loading);
    const { text, mark, gate } = shimRuleset({ ...shapeOf(shard), size: room });
    const sized = (text + (waiting ? gate : "")).replaceAll(/size 65536;/g, `size ${fragments};`);
    await loadRules(pathOf(shard), { mark, text: without === undefined ? sized : lacking(sized, without) });
  }

  /** Table and all that it holds go; the next load makes it anew. */
  async remove(shard: ShardName): Promise<void> {
    await inside(shard, "nft", `add table netdev ${shimTable}\ndelete table netdev ${shimTable}\n`);
    this.#owners.delete(shard);
  }

  /** As if its namespace had been killed and another one had taken its place. */
  async remake(shard: ShardName): Promise<void> {
    await this.remove(shard);
    await this.load(shard, this.#loaded.get(shard));
  }

  async steer(shard: ShardName, slots: readonly number[], steering: Steering): Promise<void> {
    const ways = (to: ShardName | undefined) =>
      new Map(to === undefined ? [] : slots.map((slot) => [slot, macsOf(to)] as const));
    await writeWays(
      pathOf(shard),
      { next: ways(steering.next), prev: ways(steering.prev) },
      { affinity: "client", waiting: true },
    );
    const { owner } = steering;
    const after: Owners = new Map(
      owner === undefined ? [] : owner.flows.map((flow) => [flowText(flow), macsOf(owner.of)] as const),
    );
    await writeOwners(pathOf(shard), this.#owners.get(shard) ?? new Map(), after);
    this.#owners.set(shard, after);
  }

  async forget(shard: ShardName): Promise<void> {
    await forgetKnown(pathOf(shard));
  }

  known(shard: ShardName): Promise<Flow[]> {
    return readKnown(pathOf(shard));
  }

  /** In seconds, of a flow of this client; undefined where the set has none. */
  async expires(shard: ShardName, family: Family, client: string): Promise<number | undefined> {
    const list = ["--numeric", "list", "set", "netdev", shimTable, setName("known", family)];
    const listing = await inside(shard, "nft", "", ...list);
    const [, text] =
      new RegExp(`[{,]\\s*${client.replaceAll(".", "\\.")} \\. [^,}]* expires (\\w+)`).exec(listing) ?? [];
    return text === undefined ? undefined : secondsOf(text);
  }

  async counter(shard: ShardName, name: string): Promise<number> {
    const listing = await inside(shard, "nft", "", "list", "counter", "netdev", shimTable, name);
    return Number(/packets (\d+)/.exec(listing)?.[1]);
  }

  /** New flows that a shard's function let in. */
  async opened(shard: ShardName): Promise<number> {
    const listing = await inside(shard, "nft", "", "list", "counter", "inet", "function", "opened");
    return Number(/packets (\d+)/.exec(listing)?.[1]);
  }

  async send({ toServers, toClients }: Policies): Promise<void> {
    const [there, back] = [shards[toServers], shards[toClients]];
    await script(`ip -n rig-router route replace default via ${there.inner[4]} table 1
ip -n rig-router -6 route replace default via ${there.inner[6]} table 1
ip -n rig-router route replace default via ${back.outer[4]} table 2
ip -n rig-router -6 route replace default via ${back.outer[6]} table 2`);
  }
}

export function pathOf(name: ShardName | "client" | "server" | "router" | "far-hop" | "near-hop"): string {
  return `/run/netns/rig-${name}`;
}

export function macsOf(shard: ShardName): MacPair {
  return { in: shards[shard].macs.in, out: shards[shard].macs.out };
}

export function shapeOf(shard: ShardName): ShimShape {
  const { inner, outer, macs } = shards[shard];
  return {
    affinity: "client",
    rewrites: false,
    size: 1_000,
    timeouts: { opening: 30, established: 7_500, closing: 120, datagrams: 300, others: 600 },
    self: [inner[4], inner[6], outer[4], outer[6]],
    sides: [
      { name: "in", device: "in0", mac: macs.in, routerMac: routers.in },
      { name: "out", device: "out0", mac: macs.out, routerMac: routers.out },
    ],
  };
}

/** Runs a program in one of the namespaces to its end; throws with what it says. */
export async function inside(
  name: Parameters<typeof pathOf>[0],
  program: string,
  stdin = "",
  ...args: readonly string[]
): Promise<string> {
  const command = program === "nft" && args.length === 0 ? ["nft", "-f", "-"] : [program, ...args];
  const { code, stdout, stderr } = await run("nsenter", [`--net=${pathOf(name)}`, ...command], stdin);
  if (code !== 0) throw new Error(`${command.join(" ")} in ${name}: ${stderr}`);
  return stdout;
}

function lacking(text: string, without: RegExp): string {
  let chain = "";
  const lines = text.split("\n");
  const kept = lines.filter((line) => {
    chain = /^ chain (\S+)/.exec(line)?.[1] ?? chain;
    return !without.test(`${chain} ${line.trim()}`);
  });
  if (kept.length === lines.length) throw new Error(`no rule has ${without}`);
  return kept.join("\n");
}

async function script(text: string): Promise<void> {
  const { code, stderr } = await run("sh", ["-e", "-s"], `${text}\n`);
  if (code !== 0) throw new Error(stderr);
}

/** As nft writes times: 2h4m59s500ms. */
function secondsOf(text: string): number {
  const units: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1, ms: 0.001 };
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0),
    0,
  );
}
