/**
 * `npm run bench -- shim`: what the shim in front of a shard costs. Its packets: TCP through a shard on links of the kernel, with the
 * table and without it, in turns. Its keeper: the processor time of a real agent while a shard knows 100,000 flows.
 */
import type { Bench, Figure, Unit } from "./harness/bench.ts";
import { interleaved } from "./harness/measure.ts";
import { agentLoad } from "./shim/agent-load.ts";
import { Throughput } from "./shim/throughput.ts";

const pairs = 9;
const known = 100_000;
const windowSeconds = 60;

export const bench: Bench = {
  name: "shim",
  compares:
    `one TCP stream of iperf3 through a shard between namespaces, with its shim and without, ${pairs} times in turns; ` +
    `the busier agent of a lab of two nodes with all that it starts, at rest, over ${windowSeconds} s from when one shard knows ${known} flows ` +
    "(entries in the sets of the shim and in connection tracking, none of them speaks), and over two thirds of that from when the group grows and half of them are listed, loaded and drain",
  bounds: [
    { figure: "cost of the shim", plus: 0.05 },
    { figure: "agent with 100,000 known flows", plus: 0.1, by: "worst" },
  ],
  measure: async (say) => {
    const runs = await throughput(say);
    const agent = await agentLoad(known, windowSeconds, say);
    const cost = (some: readonly number[]) =>
      some.map((each, at) => 1 - each / (runs.none[at] ?? Number.NaN));
    return {
      figures: {
        "cost of the shim": figure("ratio", cost(runs.shim)),
        "bytes a second, no shim": figure("bytes", runs.none.map(bytes)),
        "bytes a second, shim": figure("bytes", runs.shim.map(bytes)),
        "agent at rest": figure("cores", [agent.idle]),
        "agent with 100,000 known flows": figure("cores", [agent.known]),
        "agent while half of them change hands": figure("cores", [agent.moving]),
      },
      facts: { pairs, known, "flows listed": agent.listed, windowSeconds },
    };
  },
};

async function throughput(say: (line: string) => void) {
  await using through = await Throughput.open();
  let nth = 0;
  const told = async (bitsPerSecond: Promise<number>) => {
    const value = await bitsPerSecond;
    say(`throughput ${(nth += 1)}: ${(value / 1e9).toFixed(2)} Gbit/s`);
    return value;
  };
  // Awaited: the rig must not go before it is done.
  return await interleaved(
    { rounds: pairs },
    {
      none: () => told(through.without()),
      shim: () => told(through.with()),
    },
  );
}

function bytes(bits: number): number {
  return bits / 8;
}

function figure(unit: Unit, runs: readonly number[]): Figure {
  return { unit, runs };
}
