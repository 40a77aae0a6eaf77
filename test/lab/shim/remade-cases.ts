/** A new owner that was killed and made anew: its sets are empty, while the network sends it the flows that the old owner still has. */
import type { Case } from "./flow-cases.ts";
import { inside } from "./rig.ts";
import { atNew } from "./stage.ts";

const asked = 5;

export const remadeCases: readonly Case[] = [
  {
    claim:
      "what another shard owns is not taken for a new flow before that is known, and is there again afterwards",
    play: async (stage) => {
      const group = await stage.open({ kind: "udp" });
      const owner = { of: "old", flows: await stage.known("old") } as const;
      await stage.steer("new", { owner });
      await stage.rig.send(atNew);
      await stage.rig.remake("new");
      const lostAtFirst = await stage.ask(group, 1);
      await stage.steer("new", { owner });
      const lost = (await stage.ask(group, asked)) - lostAtFirst;
      return { lostAtFirst, lost, taken: (await stage.known("new")).length };
    },
    must: { lostAtFirst: 2, lost: 0, taken: 0 },
    without: [{ lines: /^(?:in|out) drop$/, gives: { lostAtFirst: 0, lost: 0, taken: 2 } }],
  },
  {
    claim: "what is for the shard itself passes meanwhile",
    play: async (stage) => {
      await stage.rig.remake("new");
      return { isReached: await answers("100.70.0.3", "fd71::3") };
    },
    must: { isReached: true },
    without: [{ lines: /^(?:in|out) ip6? daddr \{ .* accept$/, gives: { isReached: false } }],
  },
];

async function answers(...addresses: readonly string[]): Promise<boolean> {
  const pings = addresses.map((address) => inside("router", "ping", "", "-c", "1", "-W", "1", address));
  const outcomes = await Promise.allSettled(pings);
  return outcomes.every(({ status }) => status === "fulfilled");
}
