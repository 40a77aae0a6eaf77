/**
 * By which shards a flow goes, both ways: its chain, and in each group the shard that owns its client's slot.
 * Reads intents, placements, slots and health; asks no switch, so it says what the network is told to do.
 * What a function lets pass is the function's own.
 */
import type { Chain, ShardPlacement, TraceAsked, TraceHop, TraceView } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { StatusWorld } from "../status/world.ts";
import type { FoundEnd } from "./ends.ts";
import { endsOf } from "./ends.ts";
import type { Flow, GroupHop } from "./group-hop.ts";
import { groupHop } from "./group-hop.ts";

/** Throws WeftError("invalid-request") with every fault. */
export function traceFlow(asked: TraceAsked, tenant: string, world: StatusWorld): TraceView {
  const ends = endsOf(asked, tenant, world);
  if ("faults" in ends)
    throw new WeftError("invalid-request", "The ends of the flow are not known.", {
      faults: [...ends.faults],
    });
  const [a, b] = [ends.from.network, ends.to.network];
  const chain = a === b ? undefined : chainOf({ a, b, tenant, asked }, world);
  const flow: Flow = { tenant, asked, ...ends, client: chain?.spec.to === a ? "to" : "from" };
  if (a === b) return viewOf(flow, { outcome: "link", message: `both are on ${a}`, path: [] });
  if (chain !== undefined) return throughChain(flow, chain, world);
  const message = `no chain takes ${asked.proto} between ${a} and ${b}`;
  const nobody: GroupHop = { group: "", slot: null, shard: undefined, why: message };
  return viewOf(flow, { outcome: "dropped", message, path: [nobody] });
}

function throughChain(flow: Flow, { metadata, spec }: Chain, world: StatusWorld): TraceView {
  const hops = spec.through.map((group) => groupHop(group, flow, world));
  const missing = hops.filter(({ shard }) => shard === undefined);
  const chain = metadata.name;
  const reason = missing.map(({ why }) => why).join(", ");
  if (missing.length === 0)
    return viewOf(flow, { chain, outcome: "chain", message: `${chain} takes it`, path: hops });
  if (spec.onFailure === "closed")
    return viewOf(flow, { chain, outcome: "dropped", message: reason, path: hops });
  const path = hops.filter((hop) => !missing.includes(hop));
  return viewOf(flow, { chain, outcome: "open", message: `${chain} is open: ${reason}`, path });
}

/** The first by name that joins the two networks and takes the protocol. */
function chainOf(
  { a, b, tenant, asked }: { a: string; b: string; tenant: string; asked: TraceAsked },
  { intents }: StatusWorld,
): Chain | undefined {
  const ends = [a, b].toSorted().join(" ");
  return [...intents.values()]
    .flatMap(({ value: { document } }) =>
      document.kind === "Chain" && document.metadata.tenant === tenant ? [document] : [],
    )
    .filter(({ spec }) => [spec.from, spec.to].toSorted().join(" ") === ends)
    .filter(({ spec }) => spec.match?.some(({ protocol }) => protocol === asked.proto) ?? true)
    .toSorted((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1))[0];
}

interface Found {
  readonly outcome: TraceView["outcome"];
  readonly message: string;
  /** The groups in the chain's order. */
  readonly path: readonly GroupHop[];
  readonly chain?: string;
}

function viewOf(flow: Flow, { outcome, message, path, chain }: Found): TraceView {
  const { from, to, asked } = flow;
  const there = flow.client === "from" ? path : path.toReversed();
  return {
    from: plain(from),
    to: plain(to),
    protocol: asked.proto,
    sourcePort: asked.sport ?? null,
    destinationPort: asked.dport ?? null,
    chain: chain ?? null,
    outcome,
    message,
    hops: [
      ...wayOf("there", flow, { start: from, path: there, end: to }),
      ...wayOf("back", flow, { start: to, path: there.toReversed(), end: from }),
    ],
  };
}

/** Ends at the first group where nobody takes it. */
function wayOf(
  way: TraceHop["way"],
  { client }: Flow,
  { start, path, end }: { start: FoundEnd; path: readonly GroupHop[]; end: FoundEnd },
): TraceHop[] {
  const toServer = (way === "there") === (client === "from");
  const stop = path.findIndex(({ shard }) => shard === undefined);
  const passed = (stop < 0 ? path : path.slice(0, stop + 1)).map((hop) => shardHop(hop, toServer, end));
  const hops = [endHop(start, "sends"), ...passed, ...(stop < 0 ? [endHop(end, "receives")] : [])];
  return hops.map((hop, index) => ({ way, hop: index + 1, ...hop }));
}

type Hop = Omit<TraceHop, "way" | "hop">;

function shardHop({ group, slot, shard, why }: GroupHop, toServer: boolean, { at }: FoundEnd): Hop {
  const of = { functionGroup: group === "" ? null : group, slot, why };
  if (shard === undefined) return { kind: "drop", name: "dropped", node: null, address: null, ...of };
  const address = entryOf(shard, toServer ? "inner" : "outer", at.family === 6);
  return { kind: "shard", name: shard.name, node: shard.node, address, ...of };
}

/** Towards the servers a shard is entered by its inner interface, on the way back by its outer one. */
function entryOf({ interfaces }: ShardPlacement, side: "inner" | "outer", v6: boolean): string | null {
  const { addresses = [] } = interfaces.find(({ segment }) => segment.kind === side) ?? {};
  const found = addresses.find((text) => text.includes(":") === v6);
  return found?.slice(0, found.indexOf("/")) ?? null;
}

function endHop({ workload, address, node, network }: FoundEnd, does: string): Hop {
  return {
    kind: workload === null ? "address" : "workload",
    name: workload ?? address,
    functionGroup: null,
    node,
    address,
    slot: null,
    why: `${does} on ${network}`,
  };
}

function plain({ workload, network, address, node }: FoundEnd): TraceView["from"] {
  return { workload, network, address, node };
}
