/**
 * `npm run bench -- shim`: what the shim in front of a shard costs. Its packets: TCP through a shard on links of the kernel, with the
 * table and without it, in turns. Its keeper: the processor time of a real agent while a shard knows 100,000 flows.
 */
import type { Bench, Figure, Unit } from "./harness/bench.ts";
import { agentLoad } from "./shim/agent-load.ts";
import type { Contestant } from "./shim/throughput.ts";
import { Throughput, streamSeconds } from "./shim/throughput.ts";

/** Bits per second. */
type Pair = Readonly<Record<Contestant, number>>;

const pairs = 9;
const known = 100_000;
const windowSeconds = 60;

export const bench: Bench = {
  name: "shim",
  compares:
    `TCP streams of iperf3 of ${streamSeconds} s, one at a time, through a shard between namespaces: ${pairs} pairs of two with its shim and two without, in turns, ` +
    "and the cost is the median of the pairs'; " +
    `the busier agent of a lab of two nodes with all that it starts, at rest, over ${windowSeconds} s from when one shard knows ${known} flows ` +
    "(entries in the sets of the shim and in connection tracking, none of them speaks), and over two thirds of that from when the group grows and half of them are listed, loaded and drain",
  bounds: [
    { figure: "cost of the shim", plus: 0.05 },
    { figure: "agent with 100,000 known flows", plus: 0.1, by: "worst" },
  ],
  measure: async (say) => {
    const taken = await throughput(say);
    const agent = await agentLoad(known, windowSeconds, say);
    const costs = taken.map(costOf);
    const bytes = (contestant: Contestant) =>
      figure(
        "bytes",
        taken.map((pair) => pair[contestant] / 8),
      );
    return {
      figures: {
        "cost of the shim": figure("ratio", costs),
        "bytes a second, no shim": bytes("none"),
        "bytes a second, shim": bytes("shim"),
        "agent at rest": figure("cores", [agent.idle]),
        "agent with 100,000 known flows": figure("cores", [agent.known]),
        "agent while half of them change hands": figure("cores", [agent.moving]),
      },
      facts: {
        pairs,
        "cost, the middle half of the pairs": middleHalf(costs),
        known,
        "flows listed": agent.listed,
        windowSeconds,
      },
    };
  },
};

async function throughput(say: (line: string) => void): Promise<Pair[]> {
  await using through = await Throughput.open();
  const taken: Pair[] = [];
  for (let nth = 0; nth < pairs; nth += 1) {
    const pair = await through.pair(nth % 2 === 0 ? "none" : "shim");
    taken.push(pair);
    const [none, shim] = [pair.none, pair.shim].map((bits) => (bits / 1e9).toFixed(2));
    say(`pair ${nth + 1}: ${none} Gbit/s, with the shim ${shim}: ${percent(costOf(pair))} slower`);
  }
  return taken;
}

/** The share of the throughput that the shim takes. */
function costOf({ none, shim }: Pair): number {
  return 1 - shim / none;
}

/** From the lower to the upper quartile: how far the median can be relied on. */
function middleHalf(costs: readonly number[]): string {
  const sorted = costs.toSorted((a, b) => a - b);
  const edge = Math.floor(sorted.length / 4);
  return [sorted[edge], sorted.at(-1 - edge)].map((cost) => percent(cost ?? Number.NaN)).join(" to ");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function figure(unit: Unit, runs: readonly number[]): Figure {
  return { unit, runs };
}
