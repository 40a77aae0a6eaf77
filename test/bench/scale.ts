/**
 * `npm run bench -- scale`: a firewall of Docker shards grows and shrinks, 2→4→3→6→2, under 2,000 connections that speak each second, 200 that
 * are silent for a minute across two moves, 200 flows of datagrams and 200 that the server sends. Then the same group without a handoff.
 * What is lost of datagrams is held against an equally long stretch of the same run in which nothing changes.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Bench } from "./harness/bench.ts";
import { bounds, facts, pauseMs, runtime, underLoad, withoutHandoff } from "./lab/moving-load.ts";

const steps = [4, 3, 6, 2] as const;
const group = { replicas: 2, runtime } as const;

export const bench: Bench = {
  name: "scale",
  compares:
    "connections and datagrams through a strict firewall while it scales 2→4→3→6→2, with an equally long control window of the same run, and " +
    "connections with the same group without a handoff. In every shard a packet of a connection whose beginning it did not see is dropped",
  bounds: [...bounds, { figure: "datagrams lost", times: 1, of: "datagrams lost, control", by: "worst" }],
  measure: async (say) => {
    const kept = await underLoad(group, say, async (world) => {
      for (const replicas of steps) {
        say(`to ${replicas} shards`);
        await world.change({ replicas, runtime });
        await delay(pauseMs);
      }
    });
    say("the same without a handoff");
    const broken = await withoutHandoff(group, (world) =>
      world.change({ replicas: 4, runtime, drain: "0s" }),
    );
    return { figures: { ...kept, ...broken }, facts };
  },
};
